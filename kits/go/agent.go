// SPDX-License-Identifier: GPL-2.0-or-later

// Package agent brings memory online.
package agent

import (
	"os"
	"path/filepath"
	"strings"
)

// OnlineAll brings all memory blocks below root online in Movable. It goes on if one refuses, and
// returns the first error.
func OnlineAll(root string) error {
	files, first := filepath.Glob(filepath.Join(root, "sys/devices/system/memory/memory*/state"))
	for _, file := range files {
		state, err := os.ReadFile(file)
		if err == nil && strings.TrimSpace(string(state)) == "offline" {
			err = os.WriteFile(file, []byte("online_movable"), 0)
		}
		if first == nil {
			first = err
		}
	}
	return first
}
