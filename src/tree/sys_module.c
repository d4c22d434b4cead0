// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sys/module/memory_hotplug: the module parameters (mm/memory_hotplug.c, kernel/params.c).
 */
#include <stdio.h>
#include <string.h>

#include "tree_private.h"

#define MODULE "sys/module/memory_hotplug"
#define PARAM MODULE "/parameters/"

static int online_policy_show(struct tree_obj *obj, const struct tree_row *row,
			      struct base_buf *buf)
{
	base_buf_printf(buf, "%s\n", hp_policy_names[hp_params(obj->tree->hp)->policy]);
	return 0;
}

static ssize_t online_policy_store(struct tree_obj *obj, const struct tree_row *row,
				   const char *text, size_t len, struct tree_req *req)
{
	int policy = base_sysfs_match(hp_policy_names, HP_NR_POLICIES, text);

	if (policy < 0)
		return policy;
	hp_params(obj->tree->hp)->policy = policy;
	return (ssize_t)len;
}

static int auto_movable_ratio_show(struct tree_obj *obj, const struct tree_row *row,
				   struct base_buf *buf)
{
	base_buf_printf(buf, "%u\n", hp_params(obj->tree->hp)->auto_movable_ratio);
	return 0;
}

static ssize_t auto_movable_ratio_store(struct tree_obj *obj, const struct tree_row *row,
					const char *text, size_t len, struct tree_req *req)
{
	int ret = base_kstrtouint(text, 0, &hp_params(obj->tree->hp)->auto_movable_ratio);

	return ret ? ret : (ssize_t)len;
}

static int auto_movable_numa_aware_show(struct tree_obj *obj, const struct tree_row *row,
					struct base_buf *buf)
{
	base_buf_puts(buf, hp_params(obj->tree->hp)->auto_movable_numa_aware ? "Y\n" : "N\n");
	return 0;
}

static ssize_t auto_movable_numa_aware_store(struct tree_obj *obj, const struct tree_row *row,
					     const char *text, size_t len, struct tree_req *req)
{
	int ret = base_kstrtobool(text, &hp_params(obj->tree->hp)->auto_movable_numa_aware);

	return ret ? ret : (ssize_t)len;
}

static int memmap_on_memory_show(struct tree_obj *obj, const struct tree_row *row,
				 struct base_buf *buf)
{
	static const char *const words[] = {
		[HP_MEMMAP_N] = "N",
		[HP_MEMMAP_Y] = "Y",
		[HP_MEMMAP_FORCE] = "force",
	};

	base_buf_printf(buf, "%s\n", words[hp_params(obj->tree->hp)->memmap_on_memory]);
	return 0;
}

ssize_t tree_module_uevent_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	const char *devpath = row->path + strlen("sys"), *end = strrchr(devpath, '/');
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "%.*s", (int)(end - devpath), devpath);
	ret = hp_uevent_synth(obj->tree->hp, name, "module", NULL, text, len);
	return ret ? ret : (ssize_t)len;
}

/* The architectures support it since different versions. */
static bool has_memmap_on_memory(const struct tree_obj *obj, const struct tree_row *row)
{
	const struct machine_spec *spec = machine_spec(obj->tree->machine);

	return machine_kernel_has(&spec->profile, spec->arch->memmap_since, 0);
}

static const struct tree_row module_rows[] = {
	{ TREE_DIR_ROW(MODULE) },
	{ .path = MODULE "/uevent",
	  .mode = S_IFREG | 0200,
	  .store = tree_module_uevent_store,
	  .needs = MACHINE_MODULES },
	{ TREE_DIR_ROW(MODULE "/parameters") },
	{ .path = PARAM "online_policy",
	  .mode = S_IFREG | 0644,
	  .show = online_policy_show,
	  .store = online_policy_store },
	{ .path = PARAM "auto_movable_ratio",
	  .mode = S_IFREG | 0644,
	  .show = auto_movable_ratio_show,
	  .store = auto_movable_ratio_store },
	{ .path = PARAM "auto_movable_numa_aware",
	  .needs = MACHINE_NUMA,
	  .mode = S_IFREG | 0644,
	  .show = auto_movable_numa_aware_show,
	  .store = auto_movable_numa_aware_store },
	{ .path = PARAM "memmap_on_memory",
	  .needs = MACHINE_MEMMAP_ON_MEMORY,
	  .mode = S_IFREG | 0444,
	  .show = memmap_on_memory_show,
	  .visible = has_memmap_on_memory },
};

const struct tree_table tree_module_table = TREE_TABLE(module_rows);
