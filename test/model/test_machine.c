/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A random walk over whole machines, through the tree as programs use it (machine_steps.c). After
 * each step all views of memory must agree with each other, with every page's owner, and with the
 * results so far.
 */
#include "machine_walk.h"

#define SEEDS 4
#define STEPS 10000
#define COPY_STEPS 200

static const char yaml[] = PC_LOW "  - {start: 0x100000, end: 0x17ffffff, node: 0}\n"
				  "  - {start: 0x18000000, end: 0x2fffffff, node: 1}\n"
				  "possible_nodes: \"0-1\"\n"
				  "hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 0}\n"
				  "cpus:\n  - {list: \"0\", node: 0}\n  - {list: \"1\", node: 1}\n"
				  "swap: [{size: 300M}, {size: 200M, priority: 1}]\n";

static void machine_boot(struct machine_walk *w)
{
	static const char *const cmdlines[] = {
		"",
		"movable_node",
		"kernelcore=512M",
		"memory_hotplug.online_policy=auto-movable",
		"memory_hotplug.memmap_on_memory=1",
		"memhp_default_state=online_movable",
		"hugetlb_free_vmemmap=on",
	};

	w->cmdline = cmdlines[machine_below(w, BASE_ARRAY_SIZE(cmdlines))];
	w->w = world_new_cmdline(yaml, w->cmdline);
	w->again = again_new(w->w);
	for (int i = 0; machine_below(w, 2) && i < 2; i++)
		CHECK(w, machine_put(w, "0", "machine/swap/swap%d/on", i) > 0);
	CHECK(w, !world_mkdir(w->w, "machine/virtio-mem/v0"));
	CHECK(w, machine_put(w, "1G", "machine/virtio-mem/v0/size") > 0);
	CHECK(w, machine_put(w, "1", "machine/virtio-mem/v0/plugged") > 0);
}

/* Whether a block is going offline, which readers of its files wait for. */
static bool is_leaving(const struct machine_walk *w)
{
	for (struct hp_block *b = hp_block_next(w->w->hp, 0); b;
	     b = hp_block_next(w->w->hp, hp_block_id(b) + 1)) {
		if (hp_block_state(b) == HP_STATE_GOING_OFFLINE)
			return true;
	}
	return false;
}

static void check(struct machine_walk *w)
{
	const char *wrong = views_check(&w->views);
	uint64_t pages;

	/* Few of these change, and checking them takes longer. */
	if (!wrong && !machine_below(w, 20) && !is_leaving(w))
		wrong = views_check_devices(&w->views);
	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "%s", wrong);
	for (unsigned int i = 0; i < WORKLOADS; i++) {
		char name[8];

		snprintf(name, sizeof(name), "w%u", i);
		if (!w->load[i].exists)
			continue;
		pages = views_owned(&w->views, name) + machine_load_swapped(w, i);
		if (pages != w->load[i].pages)
			seeds_fail(w->trial, __FILE__, __LINE__, "%s has %llu pages, should %llu",
				   name, (unsigned long long)pages,
				   (unsigned long long)w->load[i].pages);
	}
}

/* Every writer gets an answer once signals arrive and time passes. */
static void all_end(struct machine_walk *w)
{
	for (unsigned int i = 0; i < WRITES; i++) {
		if (w->write[i].used)
			tree_interrupt(&w->write[i].req.req, true);
	}
	CHECK(w, machine_put(w, "1000000000", "machine/clock/advance_ns") > 0);
	machine_collect(w);
	for (unsigned int i = 0; i < WRITES; i++)
		CHECK(w, !w->write[i].used);
}

/* Saves the machine and loads it into another one, which must be equal; a few of these are kept. */
static void copy(struct machine_walk *w)
{
	struct world *fresh = world_new_cmdline(yaml, w->cmdline);
	unsigned int i = w->nr_copies % COPIES;
	const char *wrong;
	int ret = again_copy(w->again, fresh, &wrong);

	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "not the same when loaded: %s", wrong);
	CHECK(w, !ret || ret == -EBUSY);
	if (ret) {
		world_free(fresh);
		return;
	}
	/* The first copies have the longest way to go. */
	if (w->nr_copies >= COPIES)
		i = COPIES - 1;
	w->nr_copies++;
	if (w->copy[i])
		world_free(w->copy[i]);
	w->copy[i] = fresh;
	w->copied[i] = again_inputs(w->again);
}

static void check_copies(struct machine_walk *w)
{
	for (unsigned int i = 0; i < COPIES && w->copy[i]; i++) {
		const char *wrong = again_compare_copy(w->again, w->copy[i], w->copied[i]);

		if (wrong)
			seeds_fail(w->trial, __FILE__, __LINE__, "not the same once loaded: %s",
				   wrong);
		world_free(w->copy[i]);
	}
}

/* Everything follows from the external inputs. */
static void check_again(struct machine_walk *w)
{
	struct world *other = world_new_cmdline(yaml, w->cmdline);
	const char *wrong = again_compare(w->again, other);

	if (wrong)
		seeds_fail(w->trial, __FILE__, __LINE__, "not the same again: %s", wrong);
	world_free(other);
	again_free(w->again);
}

static const char *read_world(void *ctx, const char *path)
{
	return world_read(ctx, path);
}

static const char *list_world(void *ctx, const char *path)
{
	return world_list(ctx, path);
}

static void walk_run(struct seeds_trial *trial)
{
	struct machine_walk *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	w->trial = trial;
	machine_boot(w);
	views_init(&w->views, w->w->machine, read_world, list_world, w->w);
	check(w);
	while (seeds_next(trial)) {
		machine_step(w);
		machine_collect(w);
		check(w);
		if (trial->step % COPY_STEPS == 0)
			copy(w);
	}
	all_end(w);
	check(w);
	copy(w);
	check_copies(w);
	check_again(w);
	views_fini(&w->views);
	world_free(w->w);
	free(w);
}

int main(int argc, char **argv)
{
	static const struct seeds_walk walk = { .seeds = SEEDS, .steps = STEPS, .run = walk_run };

	return seeds_main(&walk, argc, argv);
}
