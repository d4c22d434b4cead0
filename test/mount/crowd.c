/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many clients of a mount at once, each a process with its own descriptors. Paths are below the
 * mount.
 *
 * crowd MOUNT use NR MS: they read and write; after MS milliseconds half of them are killed, one by
 *	one, and the others may end.
 * crowd MOUNT pend NR HOLD WAIT: one writer starts to offline HOLD, which does not end by itself;
 *	NR more wait for the hotplug lock, to write to WAIT. Prints "ready" when all of them wait,
 *	ends when they end, and prints how many got which result.
 * crowd MOUNT queue NR HOLD WAIT: as pend, but half of the waiting writers are killed, then the
 *	first one gets a signal, and the rest get their turns.
 * crowd MOUNT kill NR HOLD WAIT: NR times, a writer of each is killed, within 20 ms of its start.
 *	Each time, both blocks must be online or offline, and all free memory free again.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT_BYTES 16384
#define WITHIN_US 20000
#define SPREAD_US 500
#define MAX_ANSWERS 256
#define OPEN_FILES 4

/*
 * Shared by the processes
 * @opened: files opened by writers, which then write; @answers: number of writers by errno, 0:
 * success
 */
struct crowd {
	unsigned int opened;
	unsigned int answers[MAX_ANSWERS];
	bool ended;
};

static struct crowd *crowd;

static int put(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), error = errno;

	if (fd < 0)
		return error;
	__atomic_add_fetch(&crowd->opened, 1, __ATOMIC_RELAXED);
	error = write(fd, text, strlen(text)) < 0 ? errno : 0;
	close(fd);
	return error;
}

/* Reads a file; adds a NUL. */
static void get(const char *path, char *text)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, TEXT_BYTES - 1);

	if (len < 0)
		err(EXIT_FAILURE, "%s", path);
	text[len] = '\0';
	close(fd);
}

static bool is(const char *path, const char *wanted)
{
	char text[TEXT_BYTES];

	get(path, text);
	return !strcmp(text, wanted);
}

/* ---- processes ------------------------------------------------------------------------------- */

static pid_t start(void (*run)(const char *path, unsigned int seed), const char *path,
		   unsigned int seed)
{
	pid_t pid = fork();

	if (pid < 0)
		err(EXIT_FAILURE, "fork");
	if (!pid) {
		run(path, seed);
		_exit(EXIT_SUCCESS);
	}
	return pid;
}

/* Whether it exited with status 0. */
static bool end(pid_t pid, int sig)
{
	int status;

	if (sig)
		kill(pid, sig);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

/* Waits until a process waits for an answer, or has ended. */
static void wait_asleep(pid_t pid)
{
	char path[64], text[128] = "";
	siginfo_t info = { .si_pid = 0 };
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/wchan", pid);
	while (!strstr(text, "fuse") && !strstr(text, "request_wait_answer") && !info.si_pid) {
		usleep(1000);
		file = fopen(path, "re");
		if (!file || !fgets(text, sizeof(text), file))
			text[0] = '\0';
		if (file)
			fclose(file);
		waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT);
	}
}

static void on_signal(int sig)
{
}

/* Counts the result, also after a signal. */
static void write_offline(const char *path, unsigned int seed)
{
	struct sigaction action = { .sa_handler = on_signal };
	int error;

	sigaction(SIGTERM, &action, NULL);
	error = put(path, seed % 2 ? "online" : "offline");
	if (error < MAX_ANSWERS)
		__atomic_add_fetch(&crowd->answers[error], 1, __ATOMIC_RELAXED);
}

/* ---- actions --------------------------------------------------------------------------------- */

/* Writes values that do not change anything, so that clients do not affect each other. */
static void use_files(const char *unused, unsigned int seed)
{
	static const char *const paths[] = {
		"sys/devices/system/memory/memory1/state",
		"proc/meminfo",
		"proc/zoneinfo",
		"sys/devices/system/memory/auto_online_blocks",
		"sys/devices/system/node/node0/meminfo",
		"sys/devices/system/memory/memory2/online",
	};
	int fds[OPEN_FILES];
	char text[TEXT_BYTES];

	while (!crowd->ended) {
		for (int i = 0; i < OPEN_FILES; i++) {
			const char *path = paths[(unsigned int)rand_r(&seed) % 6];

			fds[i] = open(path, O_RDONLY);
			if (fds[i] < 0 || read(fds[i], text, sizeof(text)) <= 0)
				err(EXIT_FAILURE, "%s", path);
		}
		if (put("sys/devices/system/memory/memory2/online", "1") ||
		    put("sys/devices/system/memory/memory1/state", "nonsense") != EINVAL)
			errx(EXIT_FAILURE, "what is there already is refused, or nonsense is not");
		for (int i = 0; i < OPEN_FILES; i++)
			close(fds[i]);
	}
}

static int use(unsigned int nr, unsigned int ms)
{
	pid_t *pids = calloc(nr, sizeof(*pids));
	unsigned int bad = 0;

	for (unsigned int i = 0; pids && i < nr; i++)
		pids[i] = start(use_files, NULL, i);
	usleep(ms * 1000);
	for (unsigned int i = 0; pids && i < nr; i += 2) {
		end(pids[i], SIGKILL);
		usleep((useconds_t)(rand() % SPREAD_US));
	}
	crowd->ended = true;
	for (unsigned int i = 1; pids && i < nr; i += 2)
		bad += !end(pids[i], 0);
	free(pids);
	if (bad)
		printf("%u clients had a wrong answer\n", bad);
	return bad || !pids;
}

static void print_answers(void)
{
	for (int error = 0; error < MAX_ANSWERS; error++) {
		if (crowd->answers[error])
			printf("%u %s\n", crowd->answers[error],
			       error ? strerrorname_np(error) : "0");
	}
}

/* The first of the pids is the writer that has the lock. */
static pid_t *start_queue(unsigned int nr, const char *hold, const char *wait)
{
	pid_t *pids = calloc(nr + 1, sizeof(*pids));

	if (!pids)
		errx(EXIT_FAILURE, "out of memory");
	pids[0] = start(write_offline, hold, 0);
	while (!is(hold, "going-offline\n"))
		usleep(1000);
	for (unsigned int i = 1; i <= nr; i++)
		pids[i] = start(write_offline, wait, i);
	while (__atomic_load_n(&crowd->opened, __ATOMIC_RELAXED) <= nr)
		usleep(1000);
	for (unsigned int i = 1; i <= nr; i++)
		wait_asleep(pids[i]);
	return pids;
}

static int queue(unsigned int nr, const char *hold, const char *wait, bool let_go)
{
	pid_t *pids = start_queue(nr, hold, wait);

	puts("ready");
	fflush(stdout);
	for (unsigned int i = 1; let_go && i <= nr; i += 2) {
		end(pids[i], SIGKILL);
		usleep((useconds_t)(rand() % SPREAD_US));
	}
	end(pids[0], let_go ? SIGTERM : 0);
	for (unsigned int i = let_go ? 2 : 1; i <= nr; i += let_go ? 2 : 1)
		end(pids[i], 0);
	free(pids);
	print_answers();
	return 0;
}

static void back_online(const char *path)
{
	char text[TEXT_BYTES];

	if (is(path, "offline\n") && put(path, "online_movable"))
		errx(EXIT_FAILURE, "%s cannot go online again", path);
	if (!is(path, "online\n")) {
		get(path, text);
		errx(EXIT_FAILURE, "%s is %s after its writer was killed", path, text);
	}
}

/* Brings both online, with the workload back in its block; returns the free memory in KiB. */
static unsigned long restore(const char *hold, const char *wait)
{
	char text[TEXT_BYTES];

	back_online(hold);
	back_online(wait);
	if (put("machine/workload/slow/size", "0") || put("machine/workload/slow/size", "8M"))
		errx(EXIT_FAILURE, "the block has no room for what was in it");
	get("proc/meminfo", text);
	return strtoul(strstr(text, "MemFree:") + strlen("MemFree:"), NULL, 10);
}

static int kill_writers(unsigned int nr, const char *hold, const char *wait)
{
	unsigned long before = restore(hold, wait), after;
	pid_t pids[2];

	for (unsigned int i = 0; i < nr; i++) {
		bool swap = rand() % 2;

		pids[0] = start(write_offline, swap ? wait : hold, 0);
		usleep((useconds_t)(rand() % 1000));
		pids[1] = start(write_offline, swap ? hold : wait, 0);
		usleep((useconds_t)(rand() % WITHIN_US));
		end(pids[swap], SIGKILL);
		usleep((useconds_t)(rand() % 2000));
		end(pids[!swap], SIGKILL);
		after = restore(hold, wait);
		if (after != before)
			errx(EXIT_FAILURE, "%lu KiB are free after %u rounds, %lu were", after, i,
			     before);
	}
	print_answers();
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 3 ? argv[2] : "";
	unsigned int nr = argc > 3 ? (unsigned int)atoi(argv[3]) : 0;

	crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		     0);
	if (crowd == MAP_FAILED)
		err(EXIT_FAILURE, "mmap");
	if (argc > 4 && chdir(argv[1]))
		err(EXIT_FAILURE, "%s", argv[1]);
	if (argc == 5 && !strcmp(what, "use"))
		return use(nr, (unsigned int)atoi(argv[4]));
	if (argc == 6 && !strcmp(what, "pend"))
		return queue(nr, argv[4], argv[5], false);
	if (argc == 6 && !strcmp(what, "queue"))
		return queue(nr, argv[4], argv[5], true);
	if (argc == 6 && !strcmp(what, "kill"))
		return kill_writers(nr, argv[4], argv[5]);
	errx(EXIT_FAILURE, "usage: crowd MOUNT use|pend|queue|kill NR ...");
}
