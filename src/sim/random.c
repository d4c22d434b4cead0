// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * memhpsim random: an operations file whose operations make sense on its machine, because the
 * machine performs each of them as soon as it is written.
 */
#include "random_private.h"

#define LOOK_PERCENT 75 /* of operations after which something is read */

static const struct random_generator generators[] = {
	{ "state", 30, NULL, random_gen_state, RANDOM_LOOK_BLOCKS | RANDOM_LOOK_ZONES },
	{ "online", 8, NULL, random_gen_online, RANDOM_LOOK_BLOCKS | RANDOM_LOOK_ZONES },
	{ "all-online", 8, NULL, random_gen_all_online, RANDOM_LOOK_PLUGGED },
	{ "background", 3, NULL, random_gen_background, RANDOM_LOOK_BLOCKS },
	{ "auto-online", 5, NULL, random_gen_auto_online, RANDOM_LOOK_PARAMETERS },
	{ "probe", 3, NULL, random_gen_probe, RANDOM_LOOK_PLUGGED },
	{ "given", 2, NULL, random_gen_given, 0 },
	{ "uevent", 3, NULL, random_gen_uevent, 0 },
	{ "inject", 4, NULL, random_gen_inject, RANDOM_LOOK_BLOCKS },
	{ "parameter", 8, NULL, random_gen_parameter, RANDOM_LOOK_PARAMETERS | RANDOM_LOOK_BLOCKS },
	{ "any-file", 2, NULL, random_gen_any_file, 0 },
	{ "walk", 8, NULL, random_gen_walk, 0 },
	{ "sleep", 1, NULL, random_gen_sleep, 0 },
	{ "offline-page", 6, NULL, random_gen_offline_page, RANDOM_LOOK_POISON },
	{ "pool", 10, NULL, random_gen_pool, RANDOM_LOOK_POOLS },
	{ "demote", 4, NULL, random_gen_demote, RANDOM_LOOK_POOLS },
	{ "hold", 6, NULL, random_gen_hold, RANDOM_LOOK_POOLS },
	{ "free", 5, random_has_hold, random_gen_free, RANDOM_LOOK_POOLS },
	{ "plug-dimm", 10, random_has_window, random_gen_plug_dimm,
	  RANDOM_LOOK_PLUGGED | RANDOM_LOOK_POOLS },
	{ "unplug-dimm", 6, random_has_dimm, random_gen_unplug_dimm,
	  RANDOM_LOOK_PLUGGED | RANDOM_LOOK_POISON },
	{ "eject", 2, random_has_acpi, random_gen_eject, 0 },
	{ "plug-virtio-mem", 4, random_takes_virtio_mem, random_gen_plug_virtio_mem,
	  RANDOM_LOOK_PLUGGED },
	{ "resize", 8, random_has_virtio_mem, random_gen_resize, RANDOM_LOOK_PLUGGED },
	{ "dlpar", 20, random_has_dlpar, random_gen_dlpar, RANDOM_LOOK_PLUGGED },
};

static void one_generator(struct random *r)
{
	unsigned int weights[BASE_ARRAY_SIZE(generators)];
	const struct random_generator *generator;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(generators); i++) {
		generator = &generators[i];
		weights[i] = generator->possible && !generator->possible(r) ? 0 : generator->weight;
	}
	generator = &generators[random_weighted(&r->dice, weights, BASE_ARRAY_SIZE(generators))];
	generator->fn(r);
	if (random_chance(&r->dice, LOOK_PERCENT))
		random_look(r, generator->looks);
}

/* The number of blocks up to the last one that is online: behind it is what comes later. */
static uint64_t boot_blocks(const struct hp *hp)
{
	uint64_t nr = 0;

	for (const struct hp_block *b = hp_block_next(hp, 0); b;
	     b = hp_block_next(hp, hp_block_id(b) + 1))
		if (hp_block_is_online(b))
			nr = hp_block_id(b) + 1;
	return nr;
}

int random_operations(struct machine_spec *spec, const char *machine, uint64_t seed,
		      uint64_t length, FILE *out)
{
	struct random r = { .dice = { seed }, .out = out, .left = length };
	int ret;

	/* Where memhpsim has them, too. */
	spec->kernel_pages = MACHINE_KERNEL_PAGES_BOOT;
	ret = sim_new(spec, stderr, &r.sim);
	if (ret) {
		machine_spec_free(spec);
		return ret;
	}
	fprintf(out, "# memhpsim random --seed=%llu --length=%llu\n---\n%s---\n",
		(unsigned long long)seed, (unsigned long long)length, machine);
	base_buf_init(&r.answer);
	r.boot_blocks = boot_blocks(machine_hp(r.sim->machine));
	random_look(&r, RANDOM_LOOK_PLUGGED | RANDOM_LOOK_PARAMETERS);
	while (r.left)
		one_generator(&r);
	base_buf_fini(&r.answer);
	(void)sim_free(r.sim);
	machine_spec_free(spec);
	return 0;
}
