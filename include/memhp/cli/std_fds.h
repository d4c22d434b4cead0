/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STD_FDS_H
#define STD_FDS_H

/**
 * std_fds_reserve() - make sure that files opened later do not get descriptors 0 to 2
 * @flags: O_CLOEXEC: descriptors that were closed are closed again in programs started later; 0:
 *	   they are still occupied there
 *
 * To be called first in main(). If one of them is closed at the start, the program would otherwise
 * write its messages into a file, or lose its mount to the /dev/null of a daemon. The placeholders
 * can be neither read nor written (EBADF), as if they were still closed.
 *
 * If the placeholders cannot be opened, the program ends.
 */
void std_fds_reserve(int flags);

#endif
