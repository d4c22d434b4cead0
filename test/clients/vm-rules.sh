#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies that rules of distributions that ask for the hypervisor or the architecture act on the machines that have it:
# Ubuntu brings memory online on Hyper-V and Xen only, RHEL and SUSE everywhere but on s390x.
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
	soon handled
	# Under load, udevd sometimes does not end by itself.
	udevadm control --exit
	for _ in $(seq 100); do
		kill -0 "$daemon" 2>/dev/null || break
		sleep 0.02
	done
	kill -KILL "$daemon" 2>/dev/null || :
	wait "$daemon" || :
	rm "/etc/udev/rules.d/40-$1.rules"
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

apply redhat <<'END'
SUBSYSTEM!="memory", GOTO="end"
ACTION!="add", GOTO="end"
PROGRAM="/bin/uname -p", RESULT=="s390*", GOTO="end"
ENV{.state}="online"
ATTR{state}=="offline", ATTR{state}="$env{.state}"
LABEL="end"
END
expect "$vendor: RHEL's rules" "online online" \
	"$(cat "$mem/memory$first/state" "$mem/memory$last/state" | xargs)"

# SUSE's ask uname, which answers for the emulated machine.
apply suse <<'END'
SUBSYSTEM!="memory", GOTO="end"
ACTION!="add", GOTO="end"
PROGRAM=="/bin/uname -m", RESULT=="s390x", GOTO="end"
TEST=="state", ATTR{state}=="offline", ATTR{state}="online_movable"
LABEL="end"
END
expect "$vendor: SUSE's rules" "online Movable online Movable" \
	"$(cat "$mem/memory$first/state" "$mem/memory$first/valid_zones" "$mem/memory$last/state" "$mem/memory$last/valid_zones" | xargs)"

# What the two vendors recommend to their guests acts on their own hypervisor only.
azure=offline vmware=offline
[ "$vendor" != "Microsoft Corporation" ] || azure=online
[ "$vendor" != "VMware, Inc." ] || vmware=online
apply azure <<'END'
ATTR{[dmi/id]chassis_asset_tag}!="7783-7084-3265-9085-8269-3286-77", GOTO="end"
SUBSYSTEM=="memory", ACTION=="add", ATTR{state}=="offline", ATTR{state}="online"
LABEL="end"
END
expect "$vendor: Azure's rules" "$azure $azure" "$(cat "$mem/memory$first/state" "$mem/memory$last/state" | xargs)"
apply vmware <<'END'
SUBSYSTEM=="memory", ACTION=="add", ATTR{[dmi/id]sys_vendor}=="VMware, Inc.", ATTR{state}=="offline", ATTR{state}="online"
END
expect "$vendor: VMware's rules" "$vmware $vmware" "$(cat "$mem/memory$first/state" "$mem/memory$last/state" | xargs)"
