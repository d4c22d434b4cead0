// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * DAX devices in the view: the platform devices that are their parents, the nodes in /dev, which
 * devtmpfs would make, and the links from the numbers of these to the devices. The nodes cannot be
 * opened; daxctl(1) looks only at their numbers.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "run.h"

#define PLATFORM "/sys/devices/platform"

/* @devpath: as in the event */
struct device {
	unsigned int major;
	unsigned int minor;
	char name[64];
	char devpath[256];
};

static void device_paths(const struct device *dev, char node[static 80], char link[static 64])
{
	snprintf(node, 80, "/dev/%s", dev->name);
	snprintf(link, 64, RUN_CHAR_DEVICES "/%u:%u", dev->major, dev->minor);
}

static void device_remove(const struct device *dev)
{
	char node[80], link[64];

	device_paths(dev, node, link);
	unlink(node);
	unlink(link);
}

/* An ordinary user cannot make nodes: then daxctl does not see the device. */
static void device_add(const struct device *dev)
{
	char node[80], link[64], target[sizeof(dev->devpath) + 8];

	device_remove(dev);
	device_paths(dev, node, link);
	snprintf(target, sizeof(target), "../..%s", dev->devpath);
	if (mknod(node, S_IFCHR | 0600, makedev(dev->major, dev->minor)) && errno != EPERM)
		warn("%s", node);
	if (symlink(target, link))
		warn("%s", link);
}

/* ---- devices that exist ---------------------------------------------------------------------- */

static bool device_read(const struct run *run, const char *name, struct device *ret_dev)
{
	char path[PATH_MAX + 128], target[256] = "", *up;
	bool good = false;
	FILE *file;

	snprintf(ret_dev->name, sizeof(ret_dev->name), "%.63s", name);
	snprintf(path, sizeof(path), "%s/sys/bus/dax/devices/%s/dev", run->root, ret_dev->name);
	file = fopen(path, "re");
	if (file) {
		good = fscanf(file, "%u:%u", &ret_dev->major, &ret_dev->minor) == 2;
		fclose(file);
	}
	*strrchr(path, '/') = '\0';
	if (!good || readlink(path, target, sizeof(target) - 1) < 0)
		return false;
	up = strstr(target, "/devices/");
	snprintf(ret_dev->devpath, sizeof(ret_dev->devpath), "%s", up ? up : "");
	return up;
}

/*
 * The drivers are part of the emulated kernel. The modules of the real kernel have no list of such
 * drivers (modules.builtin), without which libkmod would load them; so they look like loaded ones.
 */
static bool module_live(struct run *run, const char *dir)
{
	char path[64];
	FILE *file;
	bool good;

	/* Where the real kernel lacks it, all of /sys/module is composed. */
	if (!run_cover(run, dir) || !run_compose(run, dir))
		return false;
	snprintf(path, sizeof(path), "%s/initstate", dir);
	file = fopen(path, "we");
	good = file && fputs("live\n", file) >= 0;
	if (file && fclose(file))
		good = false;
	if (!good)
		warn("%s", path);
	return good;
}

static bool make_places(struct run *run)
{
	return run_cover(run, PLATFORM) && run_compose(run, RUN_CHAR_DEVICES) &&
	       run_compose(run, "/dev") && module_live(run, "/sys/module/device_dax") &&
	       module_live(run, "/sys/module/kmem");
}

/* Calls @add, which may be NULL, for each device; returns whether there are any. */
static bool each_device(const struct run *run, void (*add)(const struct device *dev))
{
	char path[PATH_MAX + 32];
	struct dirent *entry;
	struct device dev;
	bool any = false;
	DIR *d;

	snprintf(path, sizeof(path), "%s/sys/bus/dax/devices", run->root);
	d = opendir(path);
	while (d && (entry = readdir(d))) {
		if (*entry->d_name == '.' || !device_read(run, entry->d_name, &dev))
			continue;
		any = true;
		if (add)
			add(&dev);
	}
	if (d)
		closedir(d);
	return any;
}

bool run_has_dax(const struct run *run)
{
	return each_device(run, NULL);
}

bool run_dax_devices(struct run *run)
{
	if (!run->has_dax)
		return true;
	if (!make_places(run))
		return false;
	each_device(run, device_add);
	return true;
}

/* ---- devices that come and go ---------------------------------------------------------------- */

/* The value of a key of an event, whose lines are KEY=VALUE. */
static bool value(const char *event, const char *key, char *text, size_t size)
{
	size_t len = strlen(key);

	for (const char *line = event; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) || line[len] != '=')
			continue;
		snprintf(text, size, "%.*s", (int)strcspn(line + len + 1, "\n"), line + len + 1);
		return true;
	}
	return false;
}

void run_dax_event(const struct run *run, const char *event)
{
	char text[32], action[32], minor[16];
	struct device dev;

	if (!run->has_dax || !value(event, "SUBSYSTEM", text, sizeof(text)) ||
	    strcmp(text, "dax") || !value(event, "ACTION", action, sizeof(action)) ||
	    !value(event, "MAJOR", text, sizeof(text)) ||
	    !value(event, "MINOR", minor, sizeof(minor)) ||
	    !value(event, "DEVNAME", dev.name, sizeof(dev.name)) ||
	    !value(event, "DEVPATH", dev.devpath, sizeof(dev.devpath)))
		return;
	dev.major = (unsigned int)strtoul(text, NULL, 10);
	dev.minor = (unsigned int)strtoul(minor, NULL, 10);
	if (!strcmp(action, "add"))
		device_add(&dev);
	else if (!strcmp(action, "remove"))
		device_remove(&dev);
}
