// SPDX-License-Identifier: GPL-2.0-or-later
/* The keys of what firmware says about the machine. */
#include <stdlib.h>

#include "spec_private.h"

static bool is_there(const char *text)
{
	return *text;
}

const struct spec_key spec_dmi_keys[] = {
#define FIELD(NAME, name, mode)                                                                    \
	{ #name,                                                                                   \
	  &spec_text,                                                                              \
	  offsetof(struct machine_dmi, field[MACHINE_DMI_##NAME]),                                 \
	  sizeof(char *),                                                                          \
	  .valid = is_there,                                                                       \
	  .what = "text of firmware",                                                              \
	  .allowed = "one line of printable text",                                                 \
	  .help = "the file of this name in sys/class/dmi/id" },
	MACHINE_DMI_FIELDS(FIELD)
#undef FIELD
		{ 0 },
};

void spec_dmi_check(struct spec_reader *reader, const struct spec_node *node, void *x)
{
	if (node->index)
		spec_say(&reader->doc, node, "a machine has one entry, with all texts of firmware");
}

void spec_dmi_free(struct machine_dmi *dmi, size_t nr)
{
	for (size_t i = 0; i < nr; i++) {
		for (int f = 0; f < MACHINE_NR_DMI; f++)
			free(dmi[i].field[f]);
	}
	free(dmi);
}

const char *const spec_hypervisor_words[SPEC_NR_HYPERVISORS] = {
	[MACHINE_BARE_METAL] = "none", [MACHINE_KVM] = "kvm",	    [MACHINE_XEN] = "xen",
	[MACHINE_HYPERV] = "hyperv",   [MACHINE_VMWARE] = "vmware",
};
