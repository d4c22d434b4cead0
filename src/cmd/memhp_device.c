// SPDX-License-Identifier: GPL-2.0-or-later
/* Devices of memory: plugging, unplugging and resizing them. */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memhp.h"

/**
 * struct device - a directory of machine/dimm, machine/virtio-mem, ...
 * @log: machine/log, read up to the beginning of the command
 */
struct device {
	char dir[PATH_MAX];
	int log;
};

/* the classes whose devices can be unplugged */
static const char *const kinds[] = { "dimm", "virtio-mem", "dax", "container" };

static int open_log(const char *root)
{
	char path[PATH_MAX], text[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/machine/log", root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		warn("%s", path);
	while (fd >= 0 && read(fd, text, sizeof(text)) > 0)
		;
	return fd;
}

/* Prints what the machine has logged since then; it has the reason for a refusal. */
static int refused(struct device *dev)
{
	memhp_copy(dev->log, STDERR_FILENO);
	close(dev->log);
	return MEMHP_FAILED;
}

static int done(struct device *dev)
{
	close(dev->log);
	return MEMHP_OK;
}

static bool device_path(const struct device *dev, const char *file, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", dev->dir, file) < PATH_MAX;
}

static bool device_write(const struct device *dev, const char *file, const char *text)
{
	char path[PATH_MAX];
	size_t len = strlen(text);
	int fd = device_path(dev, file, path) ? open(path, O_WRONLY | O_CLOEXEC) : -1;
	bool good = fd >= 0 && write(fd, text, len) == (ssize_t)len;

	if (!good)
		warn("\"%s\" to %s", text, path);
	if (fd >= 0)
		close(fd);
	return good;
}

/* Reads a file with a number; false after reporting an error. */
static bool read_number(const char *path, int base, unsigned long long *ret_number)
{
	FILE *file = fopen(path, "re");
	char text[64] = "", *end = text;

	errno = 0;
	if (file && fgets(text, sizeof(text), file))
		*ret_number = strtoull(text, &end, base);
	if (end == text)
		warn("%s", path);
	if (file)
		fclose(file);
	return end != text;
}

static bool device_number(const struct device *dev, const char *file, unsigned long long *ret)
{
	char path[PATH_MAX];

	return device_path(dev, file, path) && read_number(path, 0, ret);
}

/* A name is one word of a path. */
static bool check_name(const char *name)
{
	if (*name && !strchr(name, '/') && *name != '.')
		return true;
	warnx("\"%s\" cannot be the name of a device", name);
	return false;
}

/* ---- plug ------------------------------------------------------------------------------------ */

static bool print_blocks(const struct memhp_args *args, const struct device *dev)
{
	unsigned long long size, addr, block;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/sys/devices/system/memory/block_size_bytes", args->root);
	if (!read_number(path, 16, &block) || !device_number(dev, "size", &size) ||
	    !device_number(dev, "addr", &addr) || !block)
		return false;
	for (unsigned long long n = addr / block; n < (addr + size) / block; n++) {
		snprintf(path, sizeof(path), "%s/sys/devices/system/memory/memory%llu", args->root,
			 n);
		if (!access(path, F_OK))
			printf("memory%llu\n", n);
	}
	return true;
}

static bool check_kind(const struct memhp_args *args)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/machine/%s", args->root, args->kind);
	for (size_t i = 0; i < 3; i++) {
		if (strcmp(args->kind, kinds[i]) != 0)
			continue;
		if (!access(path, F_OK))
			return true;
		warn("--kind=%s: %s", args->kind, path);
		return false;
	}
	warnx("--kind=%s: must be %s, %s or %s", args->kind, kinds[0], kinds[1], kinds[2]);
	return false;
}

int memhp_plug(const struct memhp_args *args)
{
	struct device dev;

	if (!memhp_need_root(args) || !check_name(args->word[0]) || !check_kind(args))
		return MEMHP_FAILED;
	dev.log = open_log(args->root);
	if (dev.log < 0)
		return MEMHP_FAILED;
	snprintf(dev.dir, sizeof(dev.dir), "%s/machine/%s/%s", args->root, args->kind,
		 args->word[0]);
	if (mkdir(dev.dir, 0755)) {
		warn("%s", dev.dir);
		return refused(&dev);
	}
	if (!device_write(&dev, "size", args->word[1]) ||
	    (args->nr > 2 && !device_write(&dev, "node", args->word[2])) ||
	    !device_write(&dev, "plugged", "1")) {
		rmdir(dev.dir);
		return refused(&dev);
	}
	return print_blocks(args, &dev) ? done(&dev) : refused(&dev);
}

/* ---- unplug and resize ----------------------------------------------------------------------- */

/* Finds a device by its name. */
static bool find_device(const struct memhp_args *args, struct device *dev)
{
	if (!memhp_need_root(args) || !check_name(args->word[0]))
		return false;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		snprintf(dev->dir, sizeof(dev->dir), "%s/machine/%s/%s", args->root, kinds[i],
			 args->word[0]);
		if (access(dev->dir, F_OK))
			continue;
		dev->log = open_log(args->root);
		return dev->log >= 0;
	}
	warnx("%s: there is no device of this name in %s/machine", args->word[0], args->root);
	return false;
}

static bool is_resizable(const struct device *dev)
{
	char path[PATH_MAX];

	return device_path(dev, "requested_size", path) && !access(path, F_OK);
}

int memhp_unplug(const struct memhp_args *args)
{
	struct device dev;

	if (!find_device(args, &dev))
		return MEMHP_FAILED;
	if ((is_resizable(&dev) && !device_write(&dev, "requested_size", "0")) ||
	    !device_write(&dev, "plugged", "0"))
		return refused(&dev);
	if (rmdir(dev.dir)) {
		warn("%s", dev.dir);
		return refused(&dev);
	}
	return done(&dev);
}

int memhp_resize(const struct memhp_args *args)
{
	unsigned long long wanted, got;
	struct device dev;

	if (!find_device(args, &dev))
		return MEMHP_FAILED;
	if (!is_resizable(&dev)) {
		warnx("%s: only virtio-mem devices can be resized", dev.dir);
		return refused(&dev);
	}
	if (!device_write(&dev, "requested_size", args->word[1]) ||
	    !device_number(&dev, "requested_size", &wanted) ||
	    !device_number(&dev, "plugged_size", &got))
		return refused(&dev);
	if (got != wanted) {
		warnx("%s: the guest has %llu of %llu bytes, and tries again later", dev.dir, got,
		      wanted);
		return refused(&dev);
	}
	return done(&dev);
}
