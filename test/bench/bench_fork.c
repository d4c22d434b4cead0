/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_fork: machines a second of libmemhp, by CPU time: forked from one that has booted, from a
 * snapshot, and booted. The last column is the ratio to booting.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <memhp.h>

#define NR 2000

static double cpu_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static struct memhp *boot(void)
{
	struct memhp *m;

	if (memhp_new(&m) || memhp_boot(m))
		errx(EXIT_FAILURE, "no machine");
	return m;
}

int main(void)
{
	static const char *const labels[] = { "booted", "from a snapshot", "forked" };
	struct memhp *m = boot(), *copy;
	struct memhp_snapshot *snapshot;
	double rate, booted = 0;

	if (memhp_snapshot(m, &snapshot))
		errx(EXIT_FAILURE, "%s", memhp_error(m));
	for (int how = 0; how < 3; how++) {
		double begin = cpu_s();

		for (int i = 0; i < NR; i++) {
			if (!how)
				copy = boot();
			else if (how == 1 ? memhp_from_snapshot(snapshot, &copy) :
					    memhp_fork(m, &copy))
				errx(EXIT_FAILURE, "no machine");
			memhp_free(copy);
		}
		rate = NR / (cpu_s() - begin);
		if (!how)
			booted = rate;
		printf("  %-20s %10.0f/s %8.2f\n", labels[how], rate, rate / booted);
	}
	memhp_snapshot_free(snapshot);
	memhp_free(m);
	return 0;
}
