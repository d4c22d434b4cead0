/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef STD_FDS_H
#define STD_FDS_H

/**
 * std_fds_reserve() - see that nothing which is opened later gets a descriptor from 0 to 2
 * @flags: O_CLOEXEC: programs that are started find closed what was closed; 0: they find it taken
 *
 * To be called first in main(). Whoever was started with one of them closed would else write its
 * messages into a file, or lose its mount to the /dev/null of a daemon. What takes their place can
 * be neither read nor written (EBADF), as if it were still closed.
 *
 * Ends the program when even that cannot be had.
 */
void std_fds_reserve(int flags);

#endif
