# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What scripts/run and scripts/test have in common; sourced with $top as the source directory.

build_packages=(gcc meson ninja-build pkg-config libfuse3-dev fuse3 libevent-dev libcyaml-dev
	libyaml-dev libbsd-dev libjansson-dev libarchive-dev libsqlite3-dev)

# The second line: the programs that test/clients runs on the emulated machine.
test_packages=(libcmocka-dev libc6-dev valgrind python3 util-linux
	udev procps numactl hwloc-nox python3-pyudev prometheus-node-exporter stress-ng
	sysfsutils kexec-tools numad qemu-guest-agent python3-psutil)

# need_packages NAME... - install what is missing; without root say how, and stop
need_packages() {
	local name missing=()

	command -v dpkg-query >/dev/null || return 0
	for name; do
		dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed ||
			missing+=("$name")
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "Some packages are missing. Run this as root, then try again:" >&2
		echo "  apt-get install -y ${missing[*]}" >&2
		exit 1
	fi
	echo "Installing ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null 2>&1 && return 0
	apt-get update >/dev/null
	apt-get install -y --no-install-recommends "${missing[@]}" >/dev/null
}

# build DIR OPTION... - bring the build in DIR up to date; its output only when it fails
build() {
	local dir=$1 log

	shift
	mkdir -p "$dir"
	log=$dir/build.log
	if [ -f "$dir/build.ninja" ]; then
		set -- --reconfigure "$@"
	fi
	if ! CC=gcc meson setup "$@" "$dir" "$top" >"$log" 2>&1 || ! ninja -C "$dir" >>"$log" 2>&1; then
		cat "$log" >&2
		return 1
	fi
}
