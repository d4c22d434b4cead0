#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that rules of distributions that ask for the hypervisor or the architecture act on the machines that have it,
# and that udevd ends. The conditions are those of the distributions' rules:
#
# - Ubuntu, 40-vm-hotadd.rules of udev: Hyper-V and Xen, by DMI
# - RHEL 8 and 9, 40-redhat.rules of systemd: not on s390x; movable unless virtualized
# - openSUSE, 80-hotplug-cpu-mem.rules of udev-extra-rules: not in z/VM
# - Azure, 99-azure-product-uuid.rules of WALinuxAgent: about DMI, not memory, for which Microsoft recommends a rule
#   without conditions to guests of Hyper-V
#
# What VMware gives to its guests (open-vm-tools) has no rule about memory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
view_once=1

if [ -z "${VIEW_WHO:-}" ]; then
	top=$(cd "$here/../.." && pwd)
	for machine in vm-kvm vm-xen vm-azure vm-vmware bare-metal; do
		(
			view_options=(--machine "$top/machines/$machine.yaml")
			. "$here/lib-view.sh"
		)
	done
	exit
fi
. "$here/lib-view.sh"
needs udevadm /lib/systemd/systemd-udevd

id=/sys/class/dmi/id
vendor=$(cat $id/sys_vendor)
expect "$vendor: the device" "DEVPATH=/devices/virtual/dmi/id MODALIAS=$(cat $id/modalias) SUBSYSTEM=dmi " \
	"$(udevadm info --query=property $id | sort | tr '\n' ' ')"
case $vendor in
"Microsoft Corporation")
	by_ubuntu=online
	expect "Azure" 7783-7084-3265-9085-8269-3286-77 "$(cat $id/chassis_asset_tag)"
	;;
Xen)
	by_ubuntu=online
	expect "Xen" "xen 4 $(cat $id/product_uuid)" \
		"$(cat /sys/hypervisor/type /sys/hypervisor/version/major /sys/hypervisor/uuid | xargs)"
	;;
*)
	by_ubuntu=offline
	expect "$vendor: sys/hypervisor" "" "$(ls /sys/hypervisor 2>/dev/null)"
	;;
esac

mount -t tmpfs rules /etc/udev/rules.d
mount -t tmpfs sbin /usr/local/sbin
[ ! -d /usr/lib/udev/rules.d ] || mount -t tmpfs rules /usr/lib/udev/rules.d
printf '#!/bin/sh\necho "$DEVPATH" >>%s/done\n' "$tmp" >/usr/local/sbin/done
chmod +x /usr/local/sbin/done

# apply NAME - start udevd with the rules on standard input, and plug a DIMM
apply() {
	{
		cat
		echo 'SUBSYSTEM=="memory", ACTION=="add", RUN+="/usr/local/sbin/done"'
	} >"/etc/udev/rules.d/40-$1.rules"
	rm -f "$tmp/done"
	/lib/systemd/systemd-udevd >"$tmp/log" 2>&1 &
	daemon=$!
	soon udevadm control --ping
	plug "$1" 256M 0
	udevadm trigger --subsystem-match=dmi
	soon handled
	udevadm settle
	udevadm control --exit
	soon ended
	wait "$daemon" || :
	rm "/etc/udev/rules.d/40-$1.rules"
}

# udevd has ended.
ended() {
	! kill -0 "$daemon"
}

# blocks - print the states and the first valid zones of the first and the last block
blocks() {
	for block in "$mem/memory$first" "$mem/memory$last"; do
		cat "$block/state"
		cut -d " " -f 1 "$block/valid_zones"
	done | xargs
}

# Both blocks have passed all rules.
handled() {
	[ "$(grep -c "/memory$first\$\|/memory$last\$" "$tmp/done" 2>/dev/null)" = 2 ]
}

apply ubuntu <<'END'
ATTR{[dmi/id]sys_vendor}=="Microsoft Corporation", ATTR{[dmi/id]product_name}=="Virtual Machine", GOTO="guest"
ATTR{[dmi/id]sys_vendor}=="Xen", GOTO="guest"
GOTO="end"
LABEL="guest"
SUBSYSTEM=="memory", ACTION=="add", DEVPATH=="/devices/system/memory/memory[0-9]*", TEST=="state", ATTR{state}!="online", ATTR{state}="online"
LABEL="end"
END
expect "$vendor: Ubuntu's rules" "$by_ubuntu $by_ubuntu" \
	"$(cat "$mem/memory$first/state" "$mem/memory$last/state" | xargs)"

# systemd asks the processor for the hypervisor, and looks for a container: that is the real machine's.
status=0
virt=$(systemd-detect-virt) || status=$?
[ "$virt" = none ] && redhat=Movable || redhat=Normal
apply redhat8 <<'END'
SUBSYSTEM!="memory", GOTO="end"
ACTION!="add", GOTO="end"
PROGRAM="/bin/uname -p", RESULT=="s390*", GOTO="end"
ENV{.state}="online"
PROGRAM="/usr/bin/systemd-detect-virt", RESULT=="none", ENV{.state}="online_movable"
ATTR{state}=="offline", ATTR{state}="$env{.state}"
LABEL="end"
END
expect "$vendor: RHEL 8's rules" "online $redhat online $redhat" "$(blocks)"

apply redhat9 <<'END'
SUBSYSTEM!="memory", GOTO="end"
ACTION!="add", GOTO="end"
CONST{arch}=="s390*|ppc64*", GOTO="end"
ENV{.state}="online"
CONST{virt}=="none", ENV{.state}="online_movable"
ATTR{state}=="offline", ATTR{state}="$env{.state}"
LABEL="end"
END
expect "$vendor: RHEL 9's rules" "online $redhat online $redhat" "$(blocks)"

# A program that fails is no match, as systemd-detect-virt does on hardware.
[ $status = 0 ] && suse=online || suse=offline
apply suse <<'END'
SUBSYSTEM=="memory", ACTION=="add", PROGRAM=="/usr/bin/systemd-detect-virt", RESULT!="zvm", ATTR{state}=="offline", ATTR{state}="online"
END
expect "$vendor: SUSE's rules" "$suse Normal $suse Normal" "$(blocks)"

[ "$vendor" = "Microsoft Corporation" ] && azure=444 || azure=400
apply azure <<'END'
SUBSYSTEM=="memory", ACTION=="add", ATTR{state}="online"
SUBSYSTEM!="dmi", GOTO="end"
ATTR{sys_vendor}!="Microsoft Corporation", GOTO="end"
ATTR{product_name}!="Virtual Machine", GOTO="end"
TEST!="/sys/devices/virtual/dmi/id/product_uuid", GOTO="end"
RUN+="/bin/chmod 0444 /sys/devices/virtual/dmi/id/product_uuid"
LABEL="end"
END
expect "$vendor: the rule for Hyper-V" "online Normal online Normal" "$(blocks)"
expect "$vendor: Azure's rules" "$azure" "$(stat -c %a $id/product_uuid)"
