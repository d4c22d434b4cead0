/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plan: predicts the effect of an onlining policy on a growing machine. */
#ifndef MEMHP_PLAN_H
#define MEMHP_PLAN_H

/** plan_main() - run memhpsim plan; returns the exit status. */
int plan_main(int argc, char **argv);

#endif
