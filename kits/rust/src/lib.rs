// SPDX-License-Identifier: GPL-2.0-or-later
//! Brings memory online.

use std::{fs, io, path::Path};

/// Brings all memory blocks below `root` online in Movable. Goes on if one refuses, and returns the
/// first error.
pub fn online_all(root: &Path) -> io::Result<()> {
    let mut result = Ok(());
    for entry in fs::read_dir(root.join("sys/devices/system/memory"))? {
        let state = entry?.path().join("state");
        if matches!(fs::read_to_string(&state), Ok(text) if text == "offline\n") {
            result = result.and(fs::write(&state, "online_movable"));
        }
    }
    result
}
