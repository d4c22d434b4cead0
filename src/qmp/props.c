// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The properties of QEMU's types, as qom-list of QEMU 7.2 lists them (the pc machine), with the
 * values of those that nothing changes here; qom.c has those of the others.
 */
#include <string.h>

#include "qmp_private.h"

static const struct qmp_prop device[] = {
	{ "parent_bus", "link<bus>", "\"\"" },
	{ "realized", "bool", "true" },
	{ "hotplugged", "bool", "true" },
	{ "hotpluggable", "bool", "true" },
	{ NULL },
};

static const struct qmp_prop virtio_pci[] = {
	{ "failover_pair_id", "str", "\"\"" },
	{ "romfile", "str", "\"\"" },
	{ "addr", "int32" },
	{ "romsize", "uint32", "4294967295" },
	{ "x-pcie-lnksta-dllla", "bool", "true" },
	{ "rombar", "uint32", "1" },
	{ "x-pcie-extcap-init", "bool", "true" },
	{ "acpi-index", "uint32", "0" },
	{ "multifunction", "bool", "false" },
	{ "legacy-addr", "str", "\"03.0\"" },
	{ "migrate-extra", "bool", "true" },
	{ "ats", "bool", "false" },
	{ "x-ignore-backend-features", "bool", "false" },
	{ "x-pcie-pm-init", "bool", "true" },
	{ "aer", "bool", "false" },
	{ "x-pcie-flr-init", "bool", "true" },
	{ "x-pcie-lnkctl-init", "bool", "true" },
	{ "x-ats-page-aligned", "bool", "true" },
	{ "page-per-vq", "bool", "false" },
	{ "x-pcie-deverr-init", "bool", "true" },
	{ "virtio-pci-bus-master-bug-migration", "bool", "false" },
	{ "modern-pio-notify", "bool", "false" },
	{ "x-disable-pcie", "bool", "false" },
	{ "disable-modern", "bool", "false" },
	{ "indirect_desc", "bool", "true" },
	{ "iommu_platform", "bool", "false" },
	{ "use-disabled-flag", "bool", "true" },
	{ "event_idx", "bool", "true" },
	{ "bus master container[0]", "child<memory-region>" },
	{ "x-disable-legacy-check", "bool", "false" },
	{ "any_layout", "bool", "true" },
	{ "queue_reset", "bool", "true" },
	{ "notify_on_empty", "bool", "true" },
	{ "packed", "bool", "false" },
	{ "use-started", "bool", "true" },
	{ "virtio-pci[0]", "child<memory-region>" },
	{ "virtio-bus", "child<virtio-pci-bus>" },
	{ "bus master[0]", "child<memory-region>" },
	{ NULL },
};

static const struct qmp_prop virtio[] = {
	{ "queue_reset", "bool", "true" },
	{ "use-disabled-flag", "bool", "true" },
	{ "packed", "bool", "false" },
	{ "iommu_platform", "bool", "false" },
	{ "event_idx", "bool", "true" },
	{ "x-disable-legacy-check", "bool", "false" },
	{ "notify_on_empty", "bool", "true" },
	{ "any_layout", "bool", "true" },
	{ "use-started", "bool", "true" },
	{ "indirect_desc", "bool", "true" },
	{ NULL },
};

static const struct qmp_prop dimm[] = {
	{ "memdev", "link<memory-backend>" },
	{ "node", "uint32" },
	{ "addr", "uint64" },
	{ "legacy-memdev", "str" },
	{ "slot", "int32" },
	{ "size", "uint64" },
	{ NULL },
};

static const struct qmp_prop nvdimm[] = {
	{ "memdev", "link<memory-backend>" },
	{ "node", "uint32" },
	{ "addr", "uint64" },
	{ "legacy-memdev", "str" },
	{ "slot", "int32" },
	{ "unarmed", "bool", "false" },
	{ "uuid", "QemuUUID", "\"00000000-0000-0000-0000-000000000000\"" },
	{ "label-size", "int", "0" },
	{ "size", "uint64" },
	{ "nvdimm-memory[0]", "child<memory-region>" },
	{ NULL },
};

static const struct qmp_prop vmem_pci[] = {
	{ "disable-legacy", "OnOffAuto", "\"on\"" },
	{ "memaddr", "uint64" },
	{ "virtio-pci-isr-virtio-mem[0]", "child<memory-region>" },
	{ "virtio-pci-device-virtio-mem[0]", "child<memory-region>" },
	{ "memdev", "link<memory-backend>" },
	{ "node", "uint32" },
	{ "virtio-pci-notify-pio-virtio-mem[0]", "child<memory-region>" },
	{ "requested-size", "size" },
	{ "block-size", "size" },
	{ "prealloc", "bool" },
	{ "virtio-pci-notify-virtio-mem[0]", "child<memory-region>" },
	{ "virtio-pci-common-virtio-mem[0]", "child<memory-region>" },
	{ "unplugged-inaccessible", "OnOffAuto" },
	{ "size", "size" },
	{ "virtio-backend", "child<virtio-mem>" },
	{ NULL },
};

static const struct qmp_prop vmem[] = {
	{ "memdev", "link<memory-backend>" },
	{ "node", "uint32" },
	{ "unplugged-inaccessible", "OnOffAuto" },
	{ "memaddr", "uint64" },
	{ "legacy-memdev", "str" },
	{ "prealloc", "bool" },
	{ "block-size", "size" },
	{ "size", "size" },
	{ "requested-size", "size" },
	{ NULL },
};

static const struct qmp_prop balloon_pci[] = {
	{ "disable-legacy", "OnOffAuto", "\"off\"" },
	{ "free-page-reporting", "bool", "false" },
	{ "virtio-pci-device-virtio-balloon[0]", "child<memory-region>" },
	{ "deflate-on-oom", "bool", "false" },
	{ "page-poison", "bool", "true" },
	{ "guest-stats-polling-interval", "int" },
	{ "guest-stats", "guest statistics" },
	{ "iothread", "link<iothread>", "\"\"" },
	{ "virtio-pci-notify-virtio-balloon[0]", "child<memory-region>" },
	{ "qemu-4-0-config-size", "bool", "false" },
	{ "free-page-hint", "bool", "false" },
	{ "virtio-pci[1]", "child<memory-region>" },
	{ "virtio-pci-notify-pio-virtio-balloon[0]", "child<memory-region>" },
	{ "virtio-pci-common-virtio-balloon[0]", "child<memory-region>" },
	{ "virtio-pci-isr-virtio-balloon[0]", "child<memory-region>" },
	{ "virtio-backend", "child<virtio-balloon-device>" },
	{ NULL },
};

static const struct qmp_prop balloon[] = {
	{ "legacy-iothread", "str" },
	{ "iothread", "link<iothread>", "\"\"" },
	{ "deflate-on-oom", "bool", "false" },
	{ "free-page-hint", "bool", "false" },
	{ "page-poison", "bool", "true" },
	{ "qemu-4-0-config-size", "bool", "false" },
	{ "free-page-reporting", "bool", "false" },
	{ "guest-stats-polling-interval", "int" },
	{ "guest-stats", "guest statistics" },
	{ NULL },
};

static const struct qmp_prop backend[] = {
	{ "share", "bool" },
	{ "size", "int" },
	{ "dump", "bool" },
	{ "prealloc-threads", "int" },
	{ "x-use-canonical-path-for-ramblock-id", "bool" },
	{ "policy", "HostMemPolicy" },
	{ "prealloc-context", "link<thread-context>", "\"\"" },
	{ "prealloc", "bool" },
	{ "reserve", "bool" },
	{ "host-nodes", "int" },
	{ "merge", "bool" },
	{ NULL },
};

static const struct qmp_prop file[] = {
	{ "readonly", "bool", "false" },     { "align", "int", "0" },
	{ "pmem", "bool", "false" },	     { "mem-path", "string" },
	{ "discard-data", "bool", "false" }, { NULL },
};

static const struct qmp_prop memfd[] = {
	{ "hugetlb", "bool", "false" },
	{ "seal", "bool", "true" },
	{ "hugetlbsize", "int", "0" },
	{ NULL },
};

static const struct qmp_prop machine[] = {
	{ "kernel", "string", "\"\"" },
	{ "dt-compatible", "string", "\"\"" },
	{ "boot", "BootConfiguration", "{\"order\": \"cad\"}" },
	{ "memory", "MemorySizeConfiguration",
	  "{\"max-size\": 4294967296, \"size\": 2147483648, \"slots\": 3}" },
	{ "initrd", "string", "\"\"" },
	{ "confidential-guest-support", "link<confidential-guest-support>", "\"\"" },
	{ "graphics", "bool", "true" },
	{ "usb", "bool", "false" },
	{ "firmware", "string", "\"bios-256k.bin\"" },
	{ "memory-encryption", "string", "\"\"" },
	{ "smp", "SMPConfiguration",
	  "{\"clusters\": 1, \"cores\": 2, \"cpus\": 2, \"dies\": 1, \"maxcpus\":"
	  " 2, \"sockets\": 1, \"threads\": 1}" },
	{ "dump-guest-core", "bool", "true" },
	{ "phandle-start", "int", "0" },
	{ "dumpdtb", "string", "\"\"" },
	{ "memory-backend", "link<memory-backend>", "\"\"" },
	{ "dtb", "string", "\"\"" },
	{ "mem-merge", "bool", "true" },
	{ "append", "string", "\"\"" },
	{ "suppress-vmdesc", "bool", "false" },
	{ "smm", "OnOffAuto", "\"auto\"" },
	{ "acpi", "OnOffAuto", "\"auto\"" },
	{ "pit", "OnOffAuto", "\"auto\"" },
	{ "pic", "OnOffAuto", "\"auto\"" },
	{ "x-oem-table-id", "string", "\"BXPC    \"" },
	{ "bus-lock-ratelimit", "uint64_t", "0" },
	{ "sgx-epc", "SgxEPC", "[]" },
	{ "x-oem-id", "string", "\"BOCHS \"" },
	{ "max-fw-size", "size", "8388608" },
	{ "default-bus-bypass-iommu", "bool", "false" },
	{ "sata", "bool", "true" },
	{ "vmport", "OnOffAuto", "\"on\"" },
	{ "i8042", "bool", "true" },
	{ "hpet", "bool", "true" },
	{ "smbios-entry-point-type", "str", "\"32\"" },
	{ "max-ram-below-4g", "size", "3758096384" },
	{ "smbus", "bool", "true" },
	{ "unattached", "child<container>" },
	{ "fw_cfg", "child<fw_cfg_io>" },
	{ "peripheral-anon", "child<container>" },
	{ "nvdimm", "bool", "false" },
	{ "peripheral", "child<container>" },
	{ "rtc_state", "link<isa-device>", "\"/machine/unattached/device[10]\"" },
	{ "smram", "link<memory-region>", "\"/machine/unattached/device[3]/smram[0]\"" },
	{ "nvdimm-persistence", "string", "\"\"" },
	{ "cxl-fmw", "CXLFixedMemoryWindow", "[]" },
	{ "rtc-time", "struct tm",
	  "{\"tm_hour\": 19, \"tm_mday\": 29, \"tm_min\": 21, \"tm_mon\": 10, \"t"
	  "m_sec\": 7, \"tm_year\": 126}" },
	{ "acpi-device", "link<hotplug-handler>", "\"/machine/unattached/device[19]\"" },
	{ "hmat", "bool", "false" },
	{ "cxl", "bool", "false" },
	{ "pcspk-audiodev", "str", "\"\"" },
	{ "i440fx", "child<i440FX-pcihost>" },
	{ NULL },
};

static const struct qmp_prop container[] = {
	{ NULL },
};

/* A type and the tables that it consists of. */
static const struct {
	const char *type;
	const struct qmp_prop *tables[3];
} types[] = {
	{ "container", { container } },
	{ QMP_MACHINE_TYPE, { machine } },
	{ "memory-backend-ram", { backend } },
	{ "memory-backend-file", { backend, file } },
	{ "memory-backend-memfd", { backend, memfd } },
	{ "pc-dimm", { device, dimm } },
	{ "nvdimm", { device, nvdimm } },
	{ "virtio-mem-pci", { device, virtio_pci, vmem_pci } },
	{ "virtio-mem", { device, virtio, vmem } },
	{ "virtio-balloon-pci", { device, virtio_pci, balloon_pci } },
	{ "virtio-balloon-device", { device, virtio, balloon } },
};

const struct qmp_prop *qmp_prop_at(const char *type, size_t index)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(types); i++) {
		if (strcmp(types[i].type, type))
			continue;
		for (size_t t = 0; t < BASE_ARRAY_SIZE(types[i].tables); t++) {
			for (const struct qmp_prop *p = types[i].tables[t]; p && p->name; p++) {
				if (!index--)
					return p;
			}
		}
	}
	return NULL;
}

const struct qmp_prop *qmp_prop_find(const char *type, const char *name)
{
	const struct qmp_prop *prop;

	for (size_t i = 0; (prop = qmp_prop_at(type, i)); i++) {
		if (!strcmp(prop->name, name))
			return prop;
	}
	return NULL;
}
