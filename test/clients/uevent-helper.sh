#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies sys/kernel/uevent_helper: the arguments and the order of helpers, that a helper that
# fails or hangs is reported and blocks nothing, and the policies of policies/uevent-helper.
set -eu
. "$(dirname "$0")/lib-view.sh"
helper=/sys/kernel/uevent_helper

logged() {
	grep -qF "$1" "$root/machine/log"
}

# use POLICY - set it as the uevent helper
use() {
	printf '#!/bin/sh\nexec %s/policies/uevent-helper %s\n' "$top" "$1" >"$tmp/policy.new"
	chmod +x "$tmp/policy.new"
	mv "$tmp/policy.new" "$tmp/policy" # the old one may still be running
	echo "$tmp/policy" >$helper
}
online() {
	"$build/memhp" wait online 20 $(seq -f 'memory%g' "$first" "$last") || fail "$1"
}

expect "at boot" "" "$(cat $helper)"
expect "a path that is too long" 1 "$( (printf '%0256d' 0 >$helper) 2>/dev/null || echo 1)"

# Verify the environment, the argument and the order.
cat >"$tmp/show" <<END
#!/bin/sh
echo "\$#:\$1 \$ACTION \$DEVPATH \$SUBSYSTEM \$SEQNUM \$HOME \$PATH \$MEMHPFS_ROOT \$(env | wc -l)" >>$tmp/shown
END
chmod +x "$tmp/show"
echo "$tmp/show" >$helper
expect "read back" "$tmp/show" "$(cat $helper)"
seqnum=$(cat /sys/kernel/uevent_seqnum)
plug d0 1G 1
lines() {
	[ "$(wc -l <"$tmp/shown")" = 8 ]
}
soon lines
for n in $(seq "$first" "$last"); do
	seqnum=$((seqnum + 1))
	echo "1:memory add /devices/system/memory/memory$n memory $seqnum / /sbin:/bin:/usr/sbin:/usr/bin $root 8"
done >"$tmp/wanted"
# The environment has seven variables; the shell adds PWD.
diff "$tmp/wanted" "$tmp/shown" || fail "environment"
echo >$helper
"$build/memhp" unplug d0
expect "without a helper, none is run" 8 "$(wc -l <"$tmp/shown")"

# Failures are logged.
echo /nowhere/helper >$helper
plug d0 128M 1
soon logged "uevent_helper /nowhere/helper: cannot be run (add@/devices/system/memory/memory$first)"
printf '#!/bin/sh\nexit 3\n' >"$tmp/bad"
chmod +x "$tmp/bad"
echo "$tmp/bad" >$helper
echo online >"$mem/memory$first/state"
soon logged "uevent_helper $tmp/bad: exit status 3 (online@/devices/system/memory/memory$first)"
printf '#!/bin/sh\nkill -9 $$\n' >"$tmp/bad"
echo offline >"$mem/memory$first/state"
soon logged "uevent_helper $tmp/bad: signal 9 (offline@/devices/system/memory/memory$first)"

# While a helper hangs, the machine continues at once; the next helper runs after a while.
printf '#!/bin/sh\n[ $ACTION = remove ] || exec sleep 1000\ntouch %s/next\n' "$tmp" >"$tmp/bad"
echo change >"$mem/memory$first/uevent"
"$build/memhp" unplug d0
expect "while it hangs" online "$(cat "$mem/memory1/state")"
soon test -e "$tmp/next"
logged "uevent_helper $tmp/bad: still running after" || fail "a helper that hangs is not reported"

# Verify the policies.
use online
plug d0 256M 1
online "online"
expect "online" "Normal Normal " "$(zones "$first" "$last")"
"$build/memhp" unplug d0
use online-movable
plug d0 256M 1
online "online-movable"
expect "online-movable" "Movable Movable " "$(zones "$first" "$last")"
"$build/memhp" unplug d0
use by-node
plug d0 128M 0
online "by-node"
expect "by-node: node 0" "Normal " "$(zones "$first" "$last")"
plug d1 128M 1
online "by-node"
expect "by-node: node 1" "Movable " "$(zones "$first" "$last")"
"$build/memhp" unplug d1
"$build/memhp" unplug d0
use leave-standby
plug d0 128M 0
online "leave-standby"
"$build/memhp" unplug d0
use keep-ratio
plug d0 7G 1
online "keep-ratio"
expect "keep-ratio" "54 2" "$(zones "$first" "$last" | tr ' ' '\n' |
	awk '/Movable/ { m++ } /Normal/ { n++ } END { print m, n }')"
