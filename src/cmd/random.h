/* SPDX-License-Identifier: GPL-2.0-or-later */
/* memhpsim random: random operations files. */
#ifndef RANDOM_H
#define RANDOM_H

/** random_main() - run memhpsim random; returns the exit status. */
int random_main(int argc, char **argv);

#endif
