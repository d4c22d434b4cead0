#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# udevd.sh RULE - run systemd-udevd with only one rule of policies/, for memhpfs-explore --daemon
policies=$(realpath "${0%/*}/../../policies")

for dir in /etc/udev/rules.d /usr/lib/udev/rules.d /usr/local/sbin /run/udev; do
	[ ! -d $dir ] || mount -t tmpfs udev $dir || exit 1
done
cp "$policies/online-by-ratio" /usr/local/sbin
# What the crash kernel knows when it is loaded.
cat >/usr/local/sbin/kdump-reload <<EOF
#!/bin/sh
cat /sys/devices/system/memory/memory*/state >$TMPDIR/crash-kernel
EOF
chmod +x /usr/local/sbin/kdump-reload
cp "$policies/$1" /etc/udev/rules.d && exec /lib/systemd/systemd-udevd
