/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paths of fuzz_case.c: those of a table, and those of each kind of object in machine/. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "case_paths.h"

#define MEMORY "sys/devices/system/memory"
#define NODE "sys/devices/system/node"
#define PARAMETERS "sys/module/memory_hotplug/parameters"
#define ACTIONS "sys/kernel/debug/notifier-error-inject/memory/actions"

static const char *const fixed_paths[] = {
	/* 0 */ MEMORY,
	MEMORY "/memory1",
	MEMORY "/memory32",
	MEMORY "/memory33",
	/* 4 */ MEMORY "/memory1/state",
	MEMORY "/memory1/online",
	MEMORY "/memory4/state",
	/* 7 */ MEMORY "/memory5/state",
	MEMORY "/memory6/state",
	MEMORY "/memory32/state",
	/* : */ MEMORY "/memory33/state",
	MEMORY "/memory33/online",
	MEMORY "/memory34/state",
	/* = */ MEMORY "/memory33/valid_zones",
	MEMORY "/memory33/uevent",
	MEMORY "/memory33/node2",
	/* @ */ MEMORY "/memory33/firmware_node",
	MEMORY "/memory33/power/control",
	/* B */ MEMORY "/auto_online_blocks",
	MEMORY "/probe",
	MEMORY "/uevent",
	/* E */ NODE,
	NODE "/node0",
	NODE "/node2",
	NODE "/node2/memory33",
	NODE "/node2/meminfo",
	/* J */ NODE "/node2/uevent",
	NODE "/has_memory",
	NODE "/node1/hugepages",
	/* M */ PARAMETERS "/online_policy",
	PARAMETERS "/auto_movable_ratio",
	/* O */ PARAMETERS "/auto_movable_numa_aware",
	ACTIONS "/MEM_GOING_ONLINE/error",
	/* Q */ ACTIONS "/MEM_GOING_OFFLINE/error",
	"sys/bus/memory/devices",
	/* S */ "sys/bus/memory/drivers_probe",
	"sys/bus/node/devices",
	"proc",
	"proc/meminfo",
	/* W */ "proc/zoneinfo",
	"proc/iomem",
	"machine",
	"machine/uevents",
	"machine/log",
	/* \ */ "machine/dimm",
	"machine/dimm/a",
	"machine/dimm/b",
	"machine/dimm/a/size",
	/* ` */ "machine/dimm/a/node",
	"machine/dimm/a/addr",
	"machine/dimm/a/slot",
	/* c */ "machine/dimm/a/plugged",
	"machine/dimm/a/ost",
	"machine/dimm/b/size",
	/* f */ "machine/dimm/b/node",
	"machine/dimm/b/plugged",
	"machine/workload",
	/* i */ "machine/workload/a",
	"machine/workload/b",
	"machine/workload/a/kind",
	/* l */ "machine/workload/a/block",
	"machine/workload/a/node",
	"machine/workload/a/size",
	/* o */ "machine/workload/b/kind",
	"machine/workload/b/block",
	"machine/workload/b/size",
	/* r */ "",
	"sys/kernel/uevent_seqnum",
	"machine/dimm/a/new",
	MEMORY "/new",
	/* v */ "machine/race",
	"machine/race/a",
	"machine/race/a/enabled",
	/* y */ "machine/race/a/until",
	"machine/race/a/release",
	"machine/race/a/parties",
};

static void add_path(struct case_paths *paths, const char *dir, const char *name)
{
	char **path = &paths->path[paths->nr];

	if (paths->nr == CASE_PATHS)
		return;
	FUZZ_REQUIRE(asprintf(path, "%s%s%s", dir, *name ? "/" : "", name) >= 0);
	paths->nr++;
}

static void add_kind(struct fuzz_world *world, const char *dir, void *ctx)
{
	struct case_paths *paths = ctx;
	struct base_buf names;
	struct tree_attr attr;
	char object[64], name[64];

	snprintf(object, sizeof(object), "%s/a", dir);
	add_path(paths, dir, "");
	add_path(paths, object, "");
	FUZZ_REQUIRE(fuzz_world_make(world, dir, "a"));
	base_buf_init(&names);
	fuzz_world_names(world, object, &names);
	for (const char *at = base_buf_text(&names); *at; at += strcspn(at, " ") + 1) {
		fuzz_first_name(at, name, sizeof(name));
		add_path(paths, object, name);
	}
	base_buf_fini(&names);
	FUZZ_REQUIRE(!fuzz_world_find(world, dir, &attr));
	FUZZ_REQUIRE(!tree_rmdir(world->tree, attr.ino, "a"));
	tree_forget(world->tree, attr.ino, 1);
}

void case_paths_init(struct case_paths *paths, struct fuzz_world *world)
{
	paths->nr = 0;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(fixed_paths); i++)
		add_path(paths, fixed_paths[i], "");
	fuzz_world_kinds(world, add_kind, paths);
}

void case_paths_fini(struct case_paths *paths)
{
	for (size_t i = 0; i < paths->nr; i++)
		free(paths->path[i]);
}
