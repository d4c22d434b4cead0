/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel command lines: whatever the words, a machine boots, unless no memory is left, and then
 * works: a DIMM is plugged and unplugged, a device grows, the files can be read.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* files that show options or their effects */
static const char *const shown[] = {
	"proc",
	"sys/module",
	"sys/devices/system/memory/memory4",
	"sys/devices/system/memory/memory32",
	"machine/virtio-mem",
};

static void echo(struct fuzz_world *world, const char *path, const char *text)
{
	struct tree_attr attr;

	if (fuzz_world_find(world, path, &attr))
		return;
	fuzz_world_echo(world, attr.ino, text, strlen(text));
	tree_forget(world->tree, attr.ino, 1);
}

static void cat(struct fuzz_world *world, const char *path, const struct tree_attr *attr, void *ctx)
{
	if (S_ISREG(attr->mode))
		fuzz_world_cat(world, attr->ino);
}

static void cat_all(struct fuzz_world *world)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(shown); i++) {
		struct tree_attr attr;
		size_t most = 100;

		if (fuzz_world_find(world, shown[i], &attr))
			continue;
		fuzz_world_visit(world, attr.ino, shown[i], cat, NULL, &most);
		tree_forget(world->tree, attr.ino, 1);
	}
}

static void work(struct fuzz_world *world)
{
	FUZZ_REQUIRE(fuzz_world_make(world, "machine/dimm", "a"));
	echo(world, "machine/dimm/a/size", "256M");
	echo(world, "machine/dimm/a/node", "2");
	echo(world, "machine/dimm/a/plugged", "1");
	FUZZ_REQUIRE(fuzz_world_make(world, "machine/virtio-mem", "v"));
	echo(world, "machine/virtio-mem/v/size", "1G");
	echo(world, "machine/virtio-mem/v/requested_size", "256M");
	echo(world, "machine/virtio-mem/v/plugged", "1");
	fuzz_world_check(world);
	cat_all(world);
	echo(world, "sys/devices/system/memory/memory4/state", "offline");
	echo(world, "sys/devices/system/memory/memory32/state", "online");
	echo(world, "machine/virtio-mem/v/requested_size", "0");
	echo(world, "machine/dimm/a/plugged", "0");
	fuzz_world_check(world);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct machine_spec *spec = fuzz_spec_small();
	char *text = strndup((const char *)data, size);
	struct fuzz_world world;

	FUZZ_REQUIRE(text && !machine_spec_add_cmdline(spec, text));
	free(text);
	if (!fuzz_world_init(&world, spec))
		return 0;
	fuzz_world_check(&world);
	work(&world);
	fuzz_world_fini(&world);
	return 0;
}
