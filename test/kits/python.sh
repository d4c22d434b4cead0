#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies the Python package memhp, its fixtures for pytest, and its examples.
#
# usage: python.sh MEMHPFS [pytest options]
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
build=$(dirname "$(realpath "$1")")
shift
tmp=$(mktemp -d)
trap 'rm -rf --one-file-system "$tmp"' EXIT
mkdir "$tmp/memhp-0.dist-info"

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$top/kits/python/pyproject.toml")
[ "memhpfs $version" = "$("$build/memhpfs" --version)" ] || {
	echo "kits/python: the version in pyproject.toml is $version; this is $("$build/memhpfs" --version)"
	exit 1
}

# pytest finds the plugin as if the package were installed.
{
	echo '[pytest11]'
	sed -n '/entry-points.pytest11/{n;s/"//g;p}' "$top/kits/python/pyproject.toml"
} >"$tmp/memhp-0.dist-info/entry_points.txt"
printf 'Metadata-Version: 2.1\nName: memhp\nVersion: 0\n' >"$tmp/memhp-0.dist-info/METADATA"

cd "$top"
PATH=$build:$PATH PYTHONPATH=$top/kits/python:$tmp PYTHONDONTWRITEBYTECODE=1 \
	MEMHP_LIBRARY=${MEMHP_LIBRARY-$build/src/lib/libmemhp.so.0} MEMHP_MACHINES=$top/machines \
	PYTEST_DEBUG_TEMPROOT=$tmp /usr/bin/python3 -m pytest -q -p no:cacheprovider \
	-c /dev/null --rootdir "$top" "$@" test/kits/python kits/python/example
