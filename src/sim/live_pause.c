// SPDX-License-Identifier: GPL-2.0-or-later
/* Waiting, which a signal ends. */
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "live_private.h"

bool live_pause(struct sim_live *live, int fd, int other, int ms)
{
	struct pollfd poller[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = other, .events = POLLIN },
		{ .fd = live->patient ? -1 : live->signals, .events = POLLIN },
	};
	struct signalfd_siginfo info;

	if (live->signal && !live->patient)
		return false;
	poll(poller, BASE_ARRAY_SIZE(poller), ms);
	if (poller[2].revents && read(live->signals, &info, sizeof(info)) == sizeof(info))
		live->signal = (int)info.ssi_signo;
	return poller[0].revents || poller[1].revents;
}
