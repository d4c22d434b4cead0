#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# packages.sh SOURCE-DIR - verify scripts/run and scripts/test where packages are missing
#
# The scripts install the packages, or stop and name them, before they build anything. Stand-ins
# replace the system's programs.
set -eu
top=$1
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/bin" "$tmp/tree"
cp -r "$top/scripts" "$tmp/tree"

fail() {
	echo "$*"
	exit 1
}

# program NAME - create a stand-in whose text is read from standard input
program() {
	{
		echo "#!/bin/bash"
		echo "tmp=$tmp"
		cat
	} >"$tmp/bin/$1"
	chmod +x "$tmp/bin/$1"
}

program dpkg-query <<'END'
grep -qx "${*: -1}" "$tmp/installed" && printf installed
END
program id <<'END'
[ "$1" = -u ] && cat "$tmp/uid" || echo somebody
END
program apt-get <<'END'
echo "$*" >>"$tmp/apt"
case " $* " in
*" update "*)
	touch "$tmp/updated"
	exit "$(cat "$tmp/update")"
	;;
esac
now=
[ ! -e "$tmp/updated" ] || now=-then
[ ! -s "$tmp/words" ] || cat "$tmp/words" >&2
cat "$tmp/gives$now" >>"$tmp/installed"
exit "$(cat "$tmp/status$now")"
END
for name in meson ninja; do
	program $name <<<'touch "$tmp/built"; exit 1'
done

# given KEY=TEXT... - define the state of the system; by default the user is root, nothing is
# installed, and apt-get does nothing
given() {
	rm -f "$tmp"/{apt,updated,built}
	: | tee "$tmp"/{installed,gives,gives-then} >"$tmp/words"
	echo 0 | tee "$tmp"/{uid,status,status-then} >"$tmp/update"
	for each; do
		printf '%s\n' "${each#*=}" >"$tmp/${each%%=*}"
	done
}

# needs NAME... - run need_packages; sets $status, and leaves the output in $tmp/out
needs() {
	status=0
	PATH=$tmp/bin:$PATH bash -c '. "$0/scripts/lib.sh"; set -eu; need_packages "$@"' \
		"$tmp/tree" "$@" >"$tmp/out" 2>&1 || status=$?
}

# expect WHAT STATUS LINE... - check the exit status, and that each line was printed
expect() {
	local what=$1

	[ "$status" = "$2" ] || fail "$what: exit status $status: $(cat "$tmp/out")"
	shift 2
	for line; do
		grep -qxF -- "$line" "$tmp/out" || fail "$what: not \"$line\": $(cat "$tmp/out")"
	done
}

cannot="These packages are missing and cannot be installed:"

given installed=$'a\nb'
needs a b
expect "all is there" 0
[ ! -s "$tmp/out" ] || fail "all is there: $(cat "$tmp/out")"

given installed=b uid=1000
needs a b c
expect "an ordinary user" 1 "Some packages are missing. Run this as root, then try again:" \
	"  apt-get install -y a c"
[ ! -e "$tmp/apt" ] || fail "an ordinary user calls apt-get"

given gives=$'a\nb'
needs a b
expect "installs" 0 "Installing a b"
[ ! -e "$tmp/updated" ] || fail "apt-get update is run without need"

given status=100 gives-then=$'a\nb'
needs a b
expect "installs after an update" 0 "Installing a b"

given gives=a status=100 status-then=100 words='E: Unable to locate package b'
needs a b
expect "one is not known" 1 'E: Unable to locate package b' "$cannot b"

given status=0 gives=a
needs a b
expect "apt-get succeeds without effect" 1 "$cannot b"

given status=100 status-then=100 update=100 words="E: Failed to fetch http://deb.example.org/b.deb"
needs a b
expect "offline" 1 "E: Failed to fetch http://deb.example.org/b.deb" "$cannot a b"

given status=100 status-then=100 update=100 \
	words="E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)"
needs a
expect "locked" 1 \
	"E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 7 (apt)" "$cannot a"
grep -q 'DPkg::Lock::Timeout=' "$tmp/apt" || fail "apt-get does not wait for another apt-get"

# Some systems lack apt-get, or also dpkg.
mkdir "$tmp/few" "$tmp/none"
for name in bash cat grep mktemp rm sort tail; do
	ln -s "$(command -v $name)" "$tmp/few"
done
cp "$tmp/bin/dpkg-query" "$tmp/bin/id" "$tmp/few"
given
needs_with() {
	status=0
	PATH=$1 "$BASH" -c '. "$0/scripts/lib.sh"; set -eu; need_packages a' "$tmp/tree" \
		>"$tmp/out" 2>&1 || status=$?
}
needs_with "$tmp/few"
expect "no apt-get" 1 "$cannot a"
needs_with "$tmp/none"
expect "no dpkg" 0

# All scripts that build use need_packages.
for script in test install "run $tmp/m"; do
	given status=100 status-then=100 update=100 words="E: Failed to fetch"
	status=0
	# shellcheck disable=SC2086 # a script and its arguments
	PATH=$tmp/bin:$PATH "$tmp/tree/scripts/"$script >"$tmp/out" 2>&1 || status=$?
	expect "scripts/$script" 1 "E: Failed to fetch"
	grep -q "^$cannot .*\bgcc\b" "$tmp/out" || fail "scripts/$script: $(cat "$tmp/out")"
	[ ! -e "$tmp/built" ] || fail "scripts/$script builds"
done

"$tmp/tree/scripts/install" --help >"$tmp/out" 2>&1 && fail "scripts/install --help installs"
grep -q '^usage: ' "$tmp/out" || fail "scripts/install --help: $(cat "$tmp/out")"

# What the action of GitHub does for memhpfs-run changes only what is there.
for name in sysctl modprobe chmod; do
	program $name <<<'echo "${0##*/} $*" >>"$tmp/changed"'
done
PATH=$tmp/bin:$PATH "$tmp/tree/scripts/allow-namespaces"
{
	for setting in unprivileged_userns_clone=1 apparmor_restrict_unprivileged_userns=0; do
		[ ! -e "/proc/sys/kernel/${setting%=*}" ] || echo "sysctl -q kernel.$setting"
	done
	[ -c /dev/fuse ] || echo "modprobe fuse"
	echo "chmod 666 /dev/fuse"
} | diff - "$tmp/changed" || fail "scripts/allow-namespaces: $(cat "$tmp/changed")"
