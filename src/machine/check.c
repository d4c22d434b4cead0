// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Checks that several kinds of devices share, and proximity domains: how firmware numbers nodes
 * (drivers/acpi/numa/srat.c). The kernel knows the domains that SRAT names. Unless the machine file
 * says otherwise, each has its node's number.
 */
#include <errno.h>

#include "machine_private.h"

#define MAX_DOMAIN 255

int machine_check_node(struct machine *m, uint64_t nid)
{
	struct base_buf possible;
	int ret = 0;

	base_buf_init(&possible);
	if (!machine_spec_has_node(m->spec, nid, &possible))
		ret = machine_refuse(m, -EINVAL, "node %llu is not possible: possible are %s",
				     (unsigned long long)nid, base_buf_text(&possible));
	base_buf_fini(&possible);
	return ret;
}

/* Whether the kernel has found no NUMA topology (numa_off): then it ignores domains. */
static bool numa_is_off(const struct machine *m)
{
	return !m->spec->nr_proximity_domains && base_mask_weight(&m->spec->possible_nodes) == 1;
}

int machine_check_domain(struct machine *m, uint64_t domain)
{
	bool any = m->spec->nr_proximity_domains || numa_is_off(m);

	if (!m->spec->arch->has_acpi || !any)
		return machine_check_node(m, domain);
	return domain <= MAX_DOMAIN ?
		       0 :
		       machine_refuse(m, -EINVAL, "%llu is no proximity domain (use 0 to %d)",
				      (unsigned long long)domain, MAX_DOMAIN);
}

int machine_check_multiple(struct machine *m, const char *what, uint64_t value, uint64_t unit)
{
	if (BASE_ALIGNED(value, unit))
		return 0;
	return machine_refuse(m, -EINVAL, "%s %s is not a multiple of %s", what,
			      base_size_text(value).s, base_size_text(unit).s);
}

int machine_check_device(struct machine *m, uint64_t size, uint64_t addr, uint64_t unit,
			 uint64_t nid)
{
	if (!size)
		return machine_refuse(m, -EINVAL, "it has no size: write one to size first");
	if (machine_check_multiple(m, "the size", size, unit))
		return -EINVAL;
	if (addr != MACHINE_DIMM_AUTO && !BASE_ALIGNED(addr, unit))
		return machine_refuse(m, -EINVAL, "the address %#llx is not a multiple of %s",
				      (unsigned long long)addr, base_size_text(unit).s);
	return machine_check_domain(m, nid);
}

int machine_domain_nid(const struct machine *m, uint64_t domain, uint64_t addr)
{
	const struct machine_spec *spec = m->spec;

	if (!spec->arch->has_acpi)
		return (int)domain;
	for (size_t i = 0; i < spec->nr_proximity_domains; i++) {
		if (spec->proximity_domains[i].domain == domain)
			return (int)spec->proximity_domains[i].node;
	}
	if (spec->nr_proximity_domains || numa_is_off(m))
		return machine_boot_add_nid((void *)m, addr);
	return (int)domain;
}
