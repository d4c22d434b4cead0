/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a reboot (reboot.c) needs from the other files of machine. */
#ifndef MACHINE_REBOOT_H
#define MACHINE_REBOOT_H

#include "machine_private.h"

/* machine.c: boots the kernel: 0 or -errno; and frees all that is the kernel's. */
int machine_boot(struct machine *machine);
void machine_kernel_free(struct machine *machine);
/* What the kernel knows of devices is forgotten; and found out again when it has booted. */
void machine_dimms_detach(struct machine *machine);
void machine_dimms_attach(struct machine *machine);
void machine_vmems_detach(struct machine *machine);
void machine_vmems_attach(struct machine *machine);
void machine_daxes_detach(struct machine *machine);
void machine_daxes_attach(struct machine *machine);
/* Saves how it has booted; loading boots it in the same way. */
void machine_boots_save(struct machine *machine, struct base_save *s);
/* fault.c: asks the plans from now on. */
void machine_fault_listen(struct machine *machine);

#endif
