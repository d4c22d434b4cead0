// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * A 32-bit program without a C library: prints the machine's memory in KiB, as sysinfo(2) says, and
 * what each of the three calls for uname(2) says of its release and architecture.
 */
struct sysinfo_32 {
	int uptime;
	unsigned int loads[3];
	unsigned int total;
	unsigned int others[5];
	unsigned short procs;
	unsigned short pad;
	unsigned int high[2];
	unsigned int mem_unit;
	char reserved[8];
};

enum {
	NR_EXIT = 1,
	NR_WRITE = 4,
	NR_OLDOLDUNAME = 59,
	NR_OLDUNAME = 109,
	NR_SYSINFO = 116,
	NR_UNAME = 122,
	RELEASE = 2, /* fields of their structs */
	MACHINE = 4,
};

static int sys(int nr, long a, long b, long c)
{
	int ret;

	__asm__ volatile("int $0x80" : "=a"(ret) : "a"(nr), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static void print(const char *text, char end)
{
	long len = 0;

	while (text[len])
		len++;
	sys(NR_WRITE, 1, (long)text, len);
	sys(NR_WRITE, 1, (long)&end, 1);
}

static void print_names(int nr, int size)
{
	char names[6 * 65];

	if (sys(nr, (long)names, 0, 0))
		sys(NR_EXIT, 1, 0, 0);
	print(names + RELEASE * size, ' ');
	print(names + MACHINE * size, '\n');
}

void _start(void)
{
	struct sysinfo_32 info;
	unsigned int kib, at = 15;
	char text[16];

	if (sys(NR_SYSINFO, (long)&info, 0, 0))
		sys(NR_EXIT, 1, 0, 0);
	kib = info.mem_unit >= 1024 ? info.total * (info.mem_unit / 1024) :
				      info.total / (1024 / info.mem_unit);
	text[at] = '\0';
	for (; kib; kib /= 10)
		text[--at] = (char)('0' + kib % 10);
	print(text + at, '\n');
	print_names(NR_UNAME, 65);
	print_names(NR_OLDUNAME, 65);
	print_names(NR_OLDOLDUNAME, 9);
	sys(NR_EXIT, 0, 0, 0);
	__builtin_unreachable();
}
