// SPDX-License-Identifier: GPL-2.0-or-later
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "run_calls.h"

static const struct {
	int number;
	run_call_fn answer;
} calls[] = {
	{ SCMP_SYS(sysinfo), run_sysinfo },
	{ SCMP_SYS(uname), run_uname },
	{ SCMP_SYS(olduname), run_olduname }, /* of i386 */
	{ SCMP_SYS(oldolduname), run_oldolduname },
	{ SCMP_SYS(syslog), run_syslog },
	{ SCMP_SYS(get_mempolicy), run_get_mempolicy },
	{ SCMP_SYS(set_mempolicy), run_set_mempolicy },
	{ SCMP_SYS(mbind), run_mbind },
	{ SCMP_SYS(migrate_pages), run_migrate_pages },
	{ SCMP_SYS(move_pages), run_move_pages },
	{ SCMP_SYS(sched_getaffinity), run_sched_getaffinity },
	{ SCMP_SYS(getcpu), run_getcpu },
};

#define NR_CALLS (sizeof(calls) / sizeof(*calls))

enum { MAX_INSTRUCTIONS = 512 };

/* Since Linux 5.19, not in all headers. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* 32-bit programs on 64-bit kernels. */
static const struct {
	uint32_t native;
	uint32_t other;
} pairs[] = {
	{ SCMP_ARCH_X86_64, SCMP_ARCH_X86 },
	{ SCMP_ARCH_AARCH64, SCMP_ARCH_ARM },
};

static int add_rules(scmp_filter_ctx filter)
{
	/* Programs for another ABI, such as x32, are answered as by a kernel without it. */
	int err = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS));

	for (size_t i = 0; !err && i < sizeof(pairs) / sizeof(*pairs); i++) {
		if (pairs[i].native == seccomp_arch_native())
			err = seccomp_arch_add(filter, pairs[i].other);
	}
	for (size_t i = 0; !err && i < NR_CALLS; i++)
		err = seccomp_rule_add(filter, SCMP_ACT_NOTIFY, calls[i].number, 0);
	return err;
}

/*
 * libseccomp 2.5 cannot ask for WAIT_KILLABLE_RECV, so it only makes the program. Without it, a
 * signal could end a call that is being answered, and the answer would be written to memory that
 * is used for something else by then.
 */
static int load(scmp_filter_ctx filter)
{
	static const unsigned long flags = SECCOMP_FILTER_FLAG_NEW_LISTENER |
					   SECCOMP_FILTER_FLAG_SPEC_ALLOW |
					   SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	struct sock_filter program[MAX_INSTRUCTIONS];
	struct sock_fprog arg = { .filter = program };
	int fd = memfd_create("filter", MFD_CLOEXEC), err;
	ssize_t len;

	if (fd < 0)
		return -errno;
	err = seccomp_export_bpf(filter, fd);
	len = err ? 0 : pread(fd, program, sizeof(program), 0);
	close(fd);
	if (err || len <= 0)
		return err ? err : -EIO;
	arg.len = (unsigned short)((size_t)len / sizeof(*program));
	fd = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &arg);
	return fd < 0 ? -errno : fd;
}

int run_calls_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int err = filter ? add_rules(filter) : -ENOMEM;

	if (!err)
		err = load(filter);
	if (filter)
		seccomp_release(filter);
	return err;
}

int run_call_read(const struct run_call *call, uint64_t from, void *to, size_t len)
{
	struct iovec local = { to, len }, remote = { (void *)(uintptr_t)from, len };

	return process_vm_readv(call->tid, &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

int run_call_write(const struct run_call *call, uint64_t to, const void *from, size_t len)
{
	struct iovec local = { (void *)(uintptr_t)from, len },
		     remote = { (void *)(uintptr_t)to, len };

	return process_vm_writev(call->tid, &local, 1, &remote, 1, 0) == (ssize_t)len ? 0 : -EFAULT;
}

bool run_read_machine(const struct run *run, const char *name, char *text, size_t size)
{
	char path[PATH_MAX + 64];
	size_t len = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", run->root, name);
	file = fopen(path, "re");
	if (file) {
		len = fread(text, 1, size - 1, file);
		fclose(file);
	}
	text[len] = '\0';
	return file;
}

static int64_t answer(struct run_call call, const struct seccomp_notif *notif)
{
	char *name = seccomp_syscall_resolve_num_arch(notif->data.arch, notif->data.nr);
	int number = name ? seccomp_syscall_resolve_name(name) : __NR_SCMP_ERROR;

	free(name);
	call.tid = (pid_t)notif->pid;
	call.is_32 = notif->data.arch != seccomp_arch_native();
	call.args = notif->data.args;
	for (size_t i = 0; i < NR_CALLS; i++) {
		if (calls[i].number == number)
			return calls[i].answer(&call);
	}
	return -ENOSYS;
}

/* A call that was interrupted by a signal needs no answer (ENOENT). */
static void serve_one(const struct run_call *call, int fd, struct seccomp_notif *notif,
		      struct seccomp_notif_resp *resp)
{
	int64_t result;

	/* The kernel accepts nothing else. */
	memset(notif, 0, sizeof(*notif));
	if (seccomp_notify_receive(fd, notif))
		return;
	result = answer(*call, notif);
	*resp = (struct seccomp_notif_resp){ .id = notif->id };
	if (result == RUN_CONTINUE)
		resp->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	else if (result < 0)
		resp->error = (int)result;
	else
		resp->val = result;
	(void)seccomp_notify_respond(fd, resp);
}

/* Does what is due; returns ms to wait, or -1. */
static int ms_to_wait(const struct run_call *call)
{
	int covers_ms = run_status_expire(call->covers),
	    accounts_ms = run_accounts_look(call->accounts);

	return covers_ms < 0 || (accounts_ms >= 0 && accounts_ms < covers_ms) ? accounts_ms :
										covers_ms;
}

void run_calls_serve(const struct run *run, int fd)
{
	struct run_covers covers = { .used = 0 };
	const struct run_call call = {
		.run = run,
		.policies = run_policies_new(),
		.covers = &covers,
		.accounts = run->options->account ? run_accounts_new(run) : NULL,
	};
	struct pollfd poller = { .fd = fd, .events = POLLIN };
	struct seccomp_notif *notif;
	struct seccomp_notif_resp *resp;

	if (!call.policies || seccomp_notify_alloc(&notif, &resp))
		return;
	while (poll(&poller, 1, ms_to_wait(&call)) >= 0 || errno == EINTR) {
		if (poller.revents & POLLIN)
			serve_one(&call, fd, notif, resp);
		else if (poller.revents & (POLLHUP | POLLERR))
			break;
	}
	run_accounts_free(call.accounts);
	seccomp_notify_free(notif, resp);
}

/* ---- passing the descriptor of the filter ---------------------------------------------------- */

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool run_calls_send(int sock, int fd)
{
	union control control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)),
					      .cmsg_level = SOL_SOCKET,
					      .cmsg_type = SCM_RIGHTS } };
	char nothing = 0;
	struct iovec byte = { &nothing, 1 };
	const struct msghdr message = { .msg_iov = &byte,
					.msg_iovlen = 1,
					.msg_control = &control,
					.msg_controllen = sizeof(control) };

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(sock, &message, 0) == 1;
}

static int receive(int sock)
{
	union control control;
	char text;
	struct iovec byte = { &text, 1 };
	struct msghdr message = { .msg_iov = &byte,
				  .msg_iovlen = 1,
				  .msg_control = &control,
				  .msg_controllen = sizeof(control) };
	int fd = -1;

	if (recvmsg(sock, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(&control.header), sizeof(fd));
	return fd;
}

int run_start_calls(const struct run *run)
{
	int link[2], fd;
	pid_t pid;

	if (run->options->no_seccomp)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link)) {
		warn("socketpair");
		return -1;
	}
	pid = run_fork_helper();
	if (!pid) {
		close(link[0]);
		/* It ends when no program is left, and before that, nothing may count any more. */
		if (run->options->account) {
			signal(SIGTERM, SIG_IGN);
			prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		}
		fd = receive(link[1]);
		close(link[1]);
		if (fd >= 0)
			run_calls_serve(run, fd);
		_exit(0);
	}
	close(link[1]);
	if (pid > 0)
		return link[0];
	close(link[0]);
	return -1;
}
