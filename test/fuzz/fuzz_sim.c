/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Operation files of memhpsim: every line is answered or refused, whatever it contains, and
 * afterwards the machine is consistent.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "memhp/sim.h"

#define MAX_LINES 100
/* Longer times only take longer: waiters retry every 10 ms. */
#define MAX_DIGITS 5

static bool is_too_long(const char *line)
{
	static const char *const words[] = { "sleep ", "join ", "timed-write ", "advance_ns " };

	for (size_t i = 0; i < BASE_ARRAY_SIZE(words); i++) {
		const char *at = strstr(line, words[i]);

		while (at && *(at += strcspn(at, "0123456789"))) {
			size_t digits = strspn(at, "0123456789");

			if (digits > MAX_DIGITS)
				return true;
			at += digits;
		}
	}
	return false;
}

static void run_line(struct sim *sim, char *line)
{
	struct base_buf answer;
	int ret;

	if (is_too_long(line))
		return;
	base_buf_init(&answer);
	if (!strncmp(line, "given ", strlen("given ")))
		ret = sim_given(sim, line);
	else
		ret = sim_operation(sim, line, &answer);
	FUZZ_REQUIRE(ret <= 0 || ret == SIM_SYNTAX);
	FUZZ_REQUIRE(ret != SIM_SYNTAX || sim->what);
	base_buf_fini(&answer);
}

/* Removes all fault plans, so that hanging operations continue. */
static void end_faults(struct sim *sim)
{
	struct base_buf names;
	char *name, *save, path[300];

	base_buf_init(&names);
	FUZZ_REQUIRE(!sim_path_list(sim->tree, "machine/fault", "", &names));
	base_buf_puts(&names, " ");
	for (name = strtok_r(names.data, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		snprintf(path, sizeof(path), "machine/fault/%s", name);
		(void)sim_make(sim, TREE_OP_RMDIR, path);
	}
	base_buf_fini(&names);
	base_vclock_advance(sim->clock, 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size), *line, *save;
	struct machine_spec *spec = fuzz_spec_small();
	struct fuzz_world world;
	unsigned int nr = 0;
	struct sim *sim;

	FUZZ_REQUIRE(text && !sim_new(spec, stderr, &sim));
	for (line = strtok_r(text, "\n", &save); line && nr++ < MAX_LINES;
	     line = strtok_r(NULL, "\n", &save))
		run_line(sim, line);
	world = (struct fuzz_world){
		.spec = spec,
		.clock = sim->clock,
		.machine = sim->machine,
		.tree = sim->tree,
	};
	fuzz_world_check(&world);
	end_faults(sim);
	FUZZ_REQUIRE(sim_free(sim));
	machine_spec_free(spec);
	free(text);
	return 0;
}
