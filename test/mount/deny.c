/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * deny COMMAND [ARG...] - run it as in a container with the usual seccomp filter: creating
 * namespaces and mounting fail with EPERM, even for root.
 */
#include <err.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* 126 and 127 are for the command */
#define DENY_FAILED 99

static const int denied[] = {
	SYS_unshare, SYS_setns,	     SYS_mount,	    SYS_umount2,
	SYS_fsopen,  SYS_move_mount, SYS_open_tree, SYS_mount_setattr,
};

#define NR_DENIED (sizeof(denied) / sizeof(*denied))

int main(int argc, char **argv)
{
	struct sock_filter filter[2 * NR_DENIED + 2] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .filter = filter };

	program.len = 1;
	for (size_t i = 0; i < NR_DENIED; i++) {
		filter[program.len++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
								     (unsigned int)denied[i], 0, 1);
		filter[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (argc < 2)
		errx(DENY_FAILED, "no command");
	/* required for users other than root; for root it changes nothing */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		err(DENY_FAILED, "seccomp");
	execvp(argv[1], argv + 1);
	err(DENY_FAILED, "%s", argv[1]);
}
