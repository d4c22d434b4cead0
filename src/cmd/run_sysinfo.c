// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <linux/sysinfo.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "run_calls.h"

/* struct sysinfo of 32-bit programs */
struct sysinfo_32 {
	int32_t uptime;
	uint32_t loads[3];
	uint32_t ram[4];  /* total, free, shared, buffers */
	uint32_t swap[2]; /* total, free */
	uint16_t procs;
	uint16_t pad;
	uint32_t high[2]; /* total, free */
	uint32_t mem_unit;
	char reserved[8];
};

/* A line of /proc/meminfo, in bytes; 0: there is none. */
static uint64_t meminfo(const char *text, const char *label)
{
	const char *line = strstr(text, label);

	return line ? strtoull(line + strlen(label), NULL, 10) << 10 : 0;
}

/* The unit in which all sizes fit into 32 bits, as in kernel/sys.c:do_sysinfo(). */
static struct sysinfo_32 to_32(const struct sysinfo *info)
{
	unsigned int shift = 0;

	while ((info->totalram + info->totalswap) >> shift > UINT32_MAX)
		shift++;
	return (struct sysinfo_32){
		.uptime = (int32_t)info->uptime,
		.loads = { (uint32_t)info->loads[0], (uint32_t)info->loads[1],
			   (uint32_t)info->loads[2] },
		.ram = { (uint32_t)(info->totalram >> shift), (uint32_t)(info->freeram >> shift),
			 (uint32_t)(info->sharedram >> shift),
			 (uint32_t)(info->bufferram >> shift) },
		.swap = { (uint32_t)(info->totalswap >> shift),
			  (uint32_t)(info->freeswap >> shift) },
		.procs = info->procs,
		.mem_unit = 1U << shift,
	};
}

int64_t run_sysinfo(const struct run_call *call)
{
	struct sysinfo_32 small;
	struct sysinfo info;
	char text[8192];

	/* Times, loads and processes are the real kernel's. */
	if (syscall(SYS_sysinfo, &info) ||
	    !run_read_machine(call->run, "proc/meminfo", text, sizeof(text)))
		return -ENOSYS;
	info.totalram = meminfo(text, "MemTotal:");
	info.freeram = meminfo(text, "MemFree:");
	info.sharedram = meminfo(text, "Shmem:");
	info.bufferram = meminfo(text, "Buffers:");
	info.totalswap = meminfo(text, "SwapTotal:");
	info.freeswap = meminfo(text, "SwapFree:");
	info.totalhigh = 0;
	info.freehigh = 0;
	info.mem_unit = 1;
	if (!call->is_32)
		return run_call_write(call, call->args[0], &info, sizeof(info));
	small = to_32(&info);
	return run_call_write(call, call->args[0], &small, sizeof(small));
}

/* ---- uname ----------------------------------------------------------------------------------- */

static int open_of(const struct run_call *call, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)call->tid, name);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* The names of the caller's own UTS namespace. */
static bool uname_of(const struct run_call *call, struct utsname *ret_name)
{
	int ns = open_of(call, "ns/uts");
	bool good = ns >= 0 && !setns(ns, CLONE_NEWUTS) && !uname(ret_name);

	if (ns >= 0)
		close(ns);
	return good;
}

/* Of setarch(1): 32-bit programs see a 32-bit machine. */
static bool is_linux32(const struct run_call *call)
{
	char text[16] = "";
	int fd = open_of(call, "personality");
	bool is_32 = fd >= 0 && read(fd, text, sizeof(text) - 1) > 0 &&
		     (strtoul(text, NULL, 16) & PER_MASK) == PER_LINUX32;

	if (fd >= 0)
		close(fd);
	return is_32;
}

static void take_line(const struct run *run, const char *name, char *to, size_t size)
{
	char text[256];

	if (!run_read_machine(run, name, text, sizeof(text)))
		return;
	text[strcspn(text, "\n")] = '\0';
	memset(to, 0, size);
	snprintf(to, size, "%.*s", (int)size - 1, text);
}

/* What a 64-bit kernel calls the machine then. */
static const char *const machines_32[][2] = {
	{ "x86_64", "i686" },
	{ "aarch64", "armv8l" },
	{ "ppc64le", "ppcle" },
	{ "s390x", "s390" },
};

/* The caller's names, with those of the machine in place of the real ones. */
static bool read_names(const struct run_call *call, struct utsname *ret_name)
{
	size_t i = 0;

	if (!uname_of(call, ret_name))
		return false;
	take_line(call->run, "proc/sys/kernel/osrelease", ret_name->release,
		  sizeof(ret_name->release));
	take_line(call->run, "proc/sys/kernel/version", ret_name->version,
		  sizeof(ret_name->version));
	take_line(call->run, "proc/sys/kernel/arch", ret_name->machine, sizeof(ret_name->machine));
	if (!is_linux32(call))
		return true;
	while (i < sizeof(machines_32) / sizeof(*machines_32) &&
	       strcmp(machines_32[i][0], ret_name->machine))
		i++;
	if (i < sizeof(machines_32) / sizeof(*machines_32))
		snprintf(ret_name->machine, sizeof(ret_name->machine), "%s", machines_32[i][1]);
	return true;
}

int64_t run_uname(const struct run_call *call)
{
	struct utsname name;

	if (!read_names(call, &name))
		return -EFAULT;
	return run_call_write(call, call->args[0], &name, sizeof(name));
}

/* Five names in fields of this size; what does not fit is cut off. */
static int64_t old_uname(const struct run_call *call, size_t size)
{
	struct utsname name;
	const char *const names[] = { name.sysname, name.nodename, name.release, name.version,
				      name.machine };
	char fields[sizeof(name)] = "";

	if (!read_names(call, &name))
		return -EFAULT;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		snprintf(fields + i * size, size, "%s", names[i]);
	return run_call_write(call, call->args[0], fields, size * (sizeof(names) / sizeof(*names)));
}

int64_t run_olduname(const struct run_call *call)
{
	return old_uname(call, 65);
}

int64_t run_oldolduname(const struct run_call *call)
{
	return old_uname(call, 9);
}

/* ---- getcpu ---------------------------------------------------------------------------------- */

/* The node of a processor; of one that the machine lacks, the first node with processors. */
static unsigned int node_of_cpu(const struct run *run, unsigned int cpu)
{
	struct run_nodes with_cpus = run_nodes_of(run, "has_cpu");
	char path[PATH_MAX + 64];

	for (unsigned int nid = 0; nid < RUN_MAX_NODES; nid++) {
		if (!run_nodes_have(&with_cpus, nid))
			continue;
		snprintf(path, sizeof(path), "%s/sys/devices/system/node/node%u/cpu%u", run->root,
			 nid, cpu);
		if (!access(path, F_OK))
			return nid;
	}
	return run_nodes_none(&with_cpus) ? 0 : run_nodes_first(&with_cpus);
}

int64_t run_getcpu(const struct run_call *call)
{
	struct run_thread thread;
	unsigned int nid;

	if (!run_thread_stat(call->tid, &thread))
		return RUN_CONTINUE;
	nid = node_of_cpu(call->run, thread.cpu);
	if (call->args[0] && run_call_write(call, call->args[0], &thread.cpu, sizeof(thread.cpu)))
		return -EFAULT;
	return call->args[1] ? run_call_write(call, call->args[1], &nid, sizeof(nid)) : 0;
}

/* ---- syslog ---------------------------------------------------------------------------------- */

enum {
	ACTION_READ_ALL = 3,
	ACTION_READ_CLEAR = 4,
	ACTION_SIZE_UNREAD = 9,
	ACTION_SIZE_BUFFER = 10,
	MAX_ACTION = 10,
	LOG_BYTES = 1 << 18, /* CONFIG_LOG_BUF_SHIFT of distributions */
};

/* Converts a record of /dev/kmsg to a line of syslog(2). */
static size_t take_record(char *record, char *to, size_t size)
{
	char *text = strchr(record, ';');
	unsigned int prio;
	unsigned long long seq, usec;
	int len;

	if (!text || sscanf(record, "%u,%llu,%llu", &prio, &seq, &usec) != 3)
		return 0;
	len = snprintf(to, size, "<%u>[%5llu.%06llu] %.*s\n", prio, usec / 1000000, usec % 1000000,
		       (int)strcspn(text + 1, "\n"), text + 1);
	return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

/* The log's newest lines that fit into @size bytes of @log. */
static size_t read_log(const struct run *run, char *log, size_t size)
{
	char path[PATH_MAX + 16], record[8192], line[8192];
	size_t used = 0, len;
	ssize_t got;
	int fd;

	snprintf(path, sizeof(path), "%s/dev/kmsg", run->root);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	while (fd >= 0 && (got = read(fd, record, sizeof(record) - 1)) > 0) {
		record[got] = '\0';
		len = take_record(record, line, sizeof(line));
		while (used && used + len > size) {
			size_t first = (size_t)((char *)memchr(log, '\n', used) - log) + 1;

			used -= first;
			memmove(log, log + first, used);
		}
		if (used + len > size)
			continue;
		memcpy(log + used, line, len);
		used += len;
	}
	if (fd >= 0)
		close(fd);
	return used;
}

int64_t run_syslog(const struct run_call *call)
{
	int action = (int)call->args[0], len = (int)call->args[2];
	static const int is_reading = 1 << ACTION_READ_ALL | 1 << ACTION_READ_CLEAR;
	char *log;
	int64_t result;

	if (action < 0 || action > MAX_ACTION)
		return -EINVAL;
	if (action == ACTION_SIZE_BUFFER)
		return LOG_BYTES;
	if (!(is_reading & 1 << action) && action != ACTION_SIZE_UNREAD)
		return 0;
	if (action != ACTION_SIZE_UNREAD && (!call->args[1] || len < 0))
		return -EINVAL;
	log = malloc(LOG_BYTES);
	if (!log)
		return -ENOMEM;
	result = (int64_t)read_log(call->run, log,
				   action == ACTION_SIZE_UNREAD || len > LOG_BYTES ? LOG_BYTES :
										     (size_t)len);
	if (action != ACTION_SIZE_UNREAD &&
	    run_call_write(call, call->args[1], log, (size_t)result))
		result = -EFAULT;
	free(log);
	return result;
}
