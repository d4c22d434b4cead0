#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# A test that fails if a block cannot go offline, and one that does not look.
state=/sys/devices/system/memory/memory14/state

@test "goes offline" {
	echo offline >$state
}

@test "comes back" {
	echo online >$state || true
}
