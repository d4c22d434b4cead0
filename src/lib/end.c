// SPDX-License-Identifier: GPL-2.0-or-later
/* The end of a machine, even if something on it never ends. */
#include "lib_private.h"

void lib_end_delays(struct sim *sim)
{
	struct sim_names names = { .prefix = "" };
	struct base_buf path;

	base_buf_init(&path);
	(void)sim_path_names(sim->tree, "machine/fault", &names);
	for (size_t i = 0; i < names.nr; i++) {
		base_buf_reset(&path);
		base_buf_printf(&path, "machine/fault/%s/enabled", names.name[i]);
		(void)sim_write(sim, base_buf_text(&path), "0", 1);
	}
	base_buf_fini(&path);
	sim_names_fini(&names);
}

void lib_end(struct sim *sim)
{
	lib_end_delays(sim);
	sim_free(sim);
}
