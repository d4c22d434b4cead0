#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Verifies memhpfs-run --account: memory on nodes that a program has chosen counts in the machine as long as it has it.
set -eu
view_options=(--account --machine "$(cd "$(dirname "$0")/../.." && pwd)/test/clients/two-nodes.yaml")
. "$(dirname "$0")/lib-view.sh"
needs numactl
for part in numactl policies ranges full; do
	"$python" -B "$here/account.py" "$part" || fail "$part"
done
