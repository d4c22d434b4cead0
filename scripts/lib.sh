# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Functions shared by scripts/run and scripts/test. They source this file with $top set to the
# source directory.

build_packages=(gcc meson ninja-build pkg-config libfuse3-dev fuse3 libevent-dev
	libyaml-dev libbsd-dev libjansson-dev libarchive-dev libseccomp-dev libsqlite3-dev libncurses-dev)

# All but the first line are programs that test/clients runs on the emulated machine.
test_packages=(clang-format clang-tidy libcmocka-dev libc6-dev valgrind python3 git util-linux less
	udev systemd procps numactl hwloc-nox python3-pyudev prometheus-node-exporter stress-ng
	sysfsutils kexec-tools numad qemu-guest-agent python3-psutil busybox daxctl earlyoom lshw sysstat
	bats shunit2 python3-pytest python3-yaml python3-pyte)

# find_missing NAME... - set $missing to the packages that are not installed
find_missing() {
	local name

	missing=()
	for name; do
		dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed ||
			missing+=("$name")
	done
}

# need_packages NAME... - install missing packages; stop and name them if that is not possible
need_packages() {
	local missing log

	command -v dpkg-query >/dev/null || return 0
	find_missing "$@"
	[ ${#missing[@]} -eq 0 ] && return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "Some packages are missing. Run this as root, then try again:" >&2
		echo "  apt-get install -y ${missing[*]}" >&2
		exit 1
	fi
	echo "Installing ${missing[*]}"
	log=$(mktemp)
	# What counts is which packages are installed afterwards, not the exit status of apt-get.
	{ install_packages "${missing[@]}" || { apt-get update && install_packages "${missing[@]}"; } || :; } \
		>"$log" 2>&1
	find_missing "$@"
	if [ ${#missing[@]} -gt 0 ]; then
		grep '^[EW]: ' "$log" | sort -u >&2 || tail -n 5 "$log" >&2
		echo "These packages are missing and cannot be installed: ${missing[*]}" >&2
		rm -f "$log"
		exit 1
	fi
	rm -f "$log"
}

# install_packages NAME... - install packages; wait for another apt-get, which may be running on a
# system that has just been started
install_packages() {
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=60 install -y \
		--no-install-recommends "$@"
}

# build DIR TARGETS OPTION... - build these targets ("" stands for all) in the build directory
# DIR; print the output only if that fails
build() {
	local dir=$1 targets=$2 log

	shift 2
	mkdir -p "$dir" || return 1
	log=$dir/build.log
	if [ -f "$dir/build.ninja" ]; then
		set -- --reconfigure "$@"
	fi
	# shellcheck disable=SC2086 # one word per target
	if ! CC=gcc meson setup "$@" "$dir" "$top" >"$log" 2>&1 ||
		! ninja -C "$dir" $targets >>"$log" 2>&1; then
		cat "$log" >&2
		return 1
	fi
}
