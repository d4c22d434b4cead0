// SPDX-License-Identifier: GPL-2.0-or-later
/* A tree: its contents at boot, and their updates as the machine changes. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine_tree.h"

/* ---- events from the machine ----------------------------------------------------------------- */

static void on_block_added(void *ctx, const struct hp_block *block)
{
	struct tree *tree = ctx;
	struct tree_obj *obj = tree_block_alloc(tree, block);

	if (obj)
		tree_obj_index(obj, TREE_BLOCKS);
	tree_block_appear(tree, block);
	tree_firmware_map_update(tree);
	if (obj)
		tree_trace_change(tree, TREE_BLOCKS, obj->name, "added");
}

static void on_block_removed(void *ctx, const struct hp_block *block)
{
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
	obj = tree_obj_find(ctx, TREE_BLOCKS, name);
	if (obj)
		tree_obj_remove(obj);
	tree_firmware_map_update(ctx);
	tree_trace_change(ctx, TREE_BLOCKS, name, "removed");
}

static void on_block_changed(void *ctx, const struct hp_block *block)
{
	struct tree *tree = ctx;
	enum hp_state state = hp_block_state(block);
	struct base_buf text;
	char name[32];

	snprintf(name, sizeof(name), "memory%llu", (unsigned long long)hp_block_id(block));
	base_buf_init(&text);
	base_buf_puts(&text, hp_state_names[state]);
	if (state == HP_STATE_ONLINE) {
		base_buf_puts(&text, " ");
		hp_block_print_zones(tree->hp, block, &text);
	}
	tree_trace_change(tree, TREE_BLOCKS, name, base_buf_text(&text));
	base_buf_fini(&text);
}

static void on_node_added(void *ctx, int nid)
{
	char name[32];

	snprintf(name, sizeof(name), "node%d", nid);
	tree_node_appear(ctx, nid);
	tree_trace_change(ctx, TREE_NODES, name, "added");
}

static void on_node_removed(void *ctx, int nid)
{
	struct tree_obj *obj;
	char name[32];

	snprintf(name, sizeof(name), "node%d", nid);
	obj = tree_obj_find(ctx, TREE_NODES, name);
	if (obj)
		tree_obj_remove(obj);
	tree_trace_change(ctx, TREE_NODES, name, "removed");
}

/* The fate of a helper does not follow from the machine's state. */
static void run_helper(struct tree *tree, const struct hp_uevent *event)
{
	bool was_outside = tree->journal.outside;
	char line[512];

	if (tree_journal_settle(tree, false)) {
		snprintf(line, sizeof(line), "memhpfs: uevent_helper %s: not run (%s@%s)",
			 tree->uevent_helper, event->action, event->devpath);
		tree_journal_log(tree, line);
		return;
	}
	tree->journal.outside = true;
	tree->helper->run(tree->helper_ctx, tree->uevent_helper, event);
	tree->journal.outside = was_outside;
}

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	struct tree *tree = ctx;

	tree_stream_uevent(tree, event);
	tree_trace_uevent(tree, event);
	if (tree->helper && *tree->uevent_helper)
		run_helper(tree, event);
}

static void on_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
	tree_trace_step(ctx, name, at);
}

/* No request reports the effects of timers. */
static void on_timers_ran(void *ctx)
{
	(void)tree_host_failed(ctx);
	tree_race_settle(ctx);
}

static void on_log(void *ctx, const char *line)
{
	/* machine/log gets the text from the machine when it is read. */
	tree_journal_logged(ctx, line);
	tree_kmsg_changed(ctx);
}

static const struct hp_observer tree_observer = {
	.block_added = on_block_added,
	.block_removed = on_block_removed,
	.block_changed = on_block_changed,
	.node_added = on_node_added,
	.node_removed = on_node_removed,
	.uevent = on_uevent,
	.step = on_step,
	.log = on_log,
};

/* ---- creating and freeing trees -------------------------------------------------------------- */

static int tree_init_kinds(struct tree *tree)
{
	static const struct tree_table *const fixed[] = {
		&tree_top_table,
		&tree_memory_table,
		&tree_nodes_table,
		&tree_bus_table,
		&tree_module_table,
		&tree_kernel_table,
		&tree_proc_table,
		&tree_proc_vm_table,
		&tree_proc_version_table,
		&tree_proc_page_table,
		&tree_hugepages_table,
		&tree_thp_table,
		&tree_dmi_table,
		&tree_machine_table,
		&tree_qmp_table,
		&tree_boot_table,
		&tree_dev_table,
		&tree_virtio_mem_module_table,
		&tree_acpi_fixed_table,
		&tree_firmware_map_fixed_table,
		&tree_container_fixed_table,
		&tree_cpu_fixed_table,
		&tree_dax_fixed_table,
	};
	static const struct {
		const char *name;
		enum tree_fs fs;
		const struct tree_table *table;
	} kinds[TREE_NR_KINDS] = {
		[TREE_KIND_BLOCK] = { "block", TREE_SYSFS, &tree_block_table },
		[TREE_KIND_NODE] = { "node", TREE_SYSFS, &tree_node_table },
		[TREE_KIND_CPU] = { "cpu", TREE_SYSFS, &tree_cpu_table },
		[TREE_KIND_FIRMWARE_MAP] = { "memmap", TREE_SYSFS, &tree_firmware_map_table },
		[TREE_KIND_CONTAINER_DEVICE] = { "container device", TREE_SYSFS,
						 &tree_container_device_table },
		[TREE_KIND_DAX_REGION] = { "dax region", TREE_SYSFS, &tree_dax_region_table },
		[TREE_KIND_DAX_DEVICE] = { "dax device", TREE_SYSFS, &tree_dax_device_table },
		[TREE_KIND_ACPI] = { "acpi", TREE_SYSFS, &tree_acpi_table },
		[TREE_KIND_PHYSICAL_NODE] = { "physical node", TREE_SYSFS,
					      &tree_physical_node_table },
	};
	const struct tree_table *root[BASE_ARRAY_SIZE(fixed) + TREE_NR_KINDS];
	struct tree_table dirs[TREE_NR_KINDS];
	size_t nr = BASE_ARRAY_SIZE(fixed);
	int ret;

	memcpy(root, fixed, sizeof(fixed));
	for (int k = 0; k < TREE_NR_KINDS; k++) {
		if (!tree_classes[k])
			continue;
		dirs[k] = (struct tree_table){ &tree_classes[k]->dir, 1 };
		root[nr++] = &dirs[k];
	}
	ret = tree_kind_init(&tree->kind[TREE_KIND_ROOT], "root", TREE_MACHINE, root, nr);
	for (int k = TREE_KIND_ROOT + 1; !ret && k < TREE_NR_KINDS; k++) {
		const struct tree_class *class = tree_classes[k];
		const struct tree_table *table = class ? &class->table : kinds[k].table;

		ret = tree_kind_init(&tree->kind[k], class ? class->name : kinds[k].name,
				     class ? TREE_MACHINE : kinds[k].fs, &table, 1);
	}
	tree->kind[TREE_KIND_DAX_DEVICE].parent = tree_dax_parent;
	tree->kind[TREE_KIND_DAX_DEVICE].within = TREE_DAX_REGIONS;
	return ret;
}

/* The plans of the machine file. */
static void tree_init_faults(struct tree *tree)
{
	for (struct machine_fault *f = machine_fault_next(tree->machine, NULL); f;
	     f = machine_fault_next(tree->machine, f)) {
		struct tree_obj *obj = tree_obj_new(tree, TREE_FAULTS, machine_fault_name(f), 0);

		if (obj)
			obj->fault = f;
	}
}

struct tree *tree_new(struct machine *machine)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	if (!tree)
		return NULL;
	tree->machine = machine;
	tree->hp = machine_hp(machine);
	tree->mm = machine_mm(machine);
	/* The mounting user is root in it. */
	tree->uid = geteuid();
	tree->gid = getegid();
	tree->root.tree = tree;
	tree->root.name = "";
	tree->root.refs = 1;
	tree->root.born_ns = tree_real_ns();
	tree->real_ahead_ns =
		tree->root.born_ns - hp_config(tree->hp)->clock->now_ns(hp_config(tree->hp)->clock);
	tree_journal_init(tree);
	base_map_init(&tree->serials);
	RB_INIT(&tree->overrides);
	tree_shares_init(tree);
	tree_stream_init(tree);
	LIST_INIT(&tree->traced);
	TAILQ_INIT(&tree->memmaps);
	tree_race_init(tree);
	tree->journal.gather = tree_race_note;
	for (int c = 0; c < TREE_NR_COLLECTIONS; c++)
		RB_INIT(&tree->index[c]);
	if (tree_init_kinds(tree)) {
		tree_free(tree);
		return NULL;
	}
	tree_find_homes(tree);
	if (tree_objs_boot(tree)) {
		tree_free(tree);
		return NULL;
	}
	tree_init_faults(tree);
	if (tree_qmp_init(tree)) {
		tree_free(tree);
		return NULL;
	}
	machine_set_observer(machine, &tree_observer, tree);
	hp_config(tree->hp)->clock->ran = on_timers_ran;
	hp_config(tree->hp)->clock->ran_ctx = tree;
	return tree;
}

int tree_boot(const struct machine_spec *spec, struct base_clock *clock,
	      struct machine **ret_machine, struct tree **ret_tree)
{
	int ret = machine_new(spec, clock, ret_machine);

	if (ret)
		return ret;
	*ret_tree = tree_new(*ret_machine);
	if (*ret_tree)
		return 0;
	machine_free(*ret_machine);
	*ret_machine = NULL;
	return -ENOMEM;
}

void tree_set_helper(struct tree *tree, const struct tree_helper *helper, void *ctx)
{
	tree->helper = helper;
	tree->helper_ctx = ctx;
}

void tree_clear(struct tree *tree)
{
	struct tree_override *o, *next_override;
	struct tree_gate *gate;
	struct tree_obj *obj;

	RB_FOREACH_SAFE(o, tree_overrides, &tree->overrides, next_override) {
		RB_REMOVE(tree_overrides, &tree->overrides, o);
		free(o);
	}
	while ((obj = base_map_next(&tree->serials, 0))) {
		tree_firmware_map_free(obj);
		if (!obj->dead && tree_classes[obj->kind] && tree_classes[obj->kind]->forget)
			tree_classes[obj->kind]->forget(obj);
		tree_obj_free(obj);
	}
	base_map_fini(&tree->serials);
	for (int c = 0; c < TREE_NR_COLLECTIONS; c++) {
		RB_INIT(&tree->index[c]);
		tree->nr_objs[c] = 0;
	}
	while ((gate = tree_gate_next(tree, NULL)))
		tree_gate_free(tree, gate);
}

void tree_free(struct tree *tree)
{
	if (!tree)
		return;
	machine_set_observer(tree->machine, NULL, NULL);
	hp_config(tree->hp)->clock->ran = NULL;
	qmp_free(tree->qmp);
	tree_stream_fini(tree);
	tree_journal_fini(tree);
	tree_clear(tree);
	tree_shares_fini(tree);
	for (int k = 0; k < TREE_NR_KINDS; k++)
		tree_kind_fini(&tree->kind[k]);
	free(tree);
}
