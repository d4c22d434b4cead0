// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Counts memory blocks, and those that are online, as a Go program would: with direct system calls
 * and no C library, so that nothing can intercept them. Prints "BLOCKS ONLINE".
 */
#include <asm/unistd.h>
#include <linux/fcntl.h>

#define MEMORY "/sys/devices/system/memory"

struct dirent64 {
	unsigned long long ino;
	long long off;
	unsigned short reclen;
	unsigned char type;
	char name[];
};

#if defined(__x86_64__)
static long sys(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
static long sys(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#else
#error "no system calls for this architecture"
#endif

static void die(void)
{
	sys(__NR_exit, 1, 0, 0, 0);
	__builtin_unreachable();
}

static int is_online(long dir, const char *name)
{
	char path[300], text[16];
	unsigned int len = 0;
	long fd;

	for (; name[len]; len++)
		path[len] = name[len];
	__builtin_memcpy(path + len, "/state", sizeof("/state"));
	fd = sys(__NR_openat, dir, (long)path, O_RDONLY, 0);
	if (fd < 0)
		die();
	/* With pread(2), unlike os.ReadFile(). The length tells the state. */
	len = (unsigned int)sys(__NR_pread64, fd, (long)text, sizeof(text), 0);
	sys(__NR_close, fd, 0, 0, 0);
	return len == sizeof("online\n") - 1;
}

static char *number(char *end, unsigned long value)
{
	do {
		*--end = (char)('0' + value % 10);
	} while (value /= 10);
	return end;
}

void _start(void)
{
	unsigned long blocks = 0, online = 0;
	char buf[4096], out[64], *at = out + sizeof(out);
	long dir = sys(__NR_openat, AT_FDCWD, (long)MEMORY, O_RDONLY | O_DIRECTORY, 0), len;

	if (dir < 0)
		die();
	while ((len = sys(__NR_getdents64, dir, (long)buf, sizeof(buf), 0)) > 0) {
		for (long pos = 0; pos < len; pos += ((struct dirent64 *)(buf + pos))->reclen) {
			const char *name = ((struct dirent64 *)(buf + pos))->name;

			if (name[0] != 'm' || name[5] != 'y' || name[6] < '0' || name[6] > '9')
				continue;
			blocks++;
			online += is_online(dir, name);
		}
	}
	*--at = '\n';
	at = number(at, online);
	*--at = ' ';
	at = number(at, blocks);
	sys(__NR_write, 1, (long)at, out + sizeof(out) - at, 0);
	sys(__NR_exit, len < 0, 0, 0, 0);
	__builtin_unreachable();
}
