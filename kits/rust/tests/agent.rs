// SPDX-License-Identifier: GPL-2.0-or-later

use std::io::Read;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::{env, fs, process};

/// A machine that is mounted for a test. It ends with this value, and with this process, however
/// that ends.
struct Machine {
    root: PathBuf,
    memhpfs: Child,
}

impl Machine {
    fn mount(name: &str, options: &[&str]) -> Self {
        let root = env::temp_dir().join(format!("{name}.{}", process::id()));
        fs::create_dir(&root).unwrap();
        let mut memhpfs = Command::new("memhpfs")
            .args(["--foreground", "--ready-fd=1", "--rmdir"])
            .arg(format!("--exit-with={}", process::id()))
            .args(options)
            .arg(&root)
            .stdout(Stdio::piped())
            .spawn()
            .expect("memhpfs");
        let ready = memhpfs.stdout.take().unwrap().read_exact(&mut [0]);
        ready.expect("no machine could be mounted; memhpfs has printed the reason");
        Machine { root, memhpfs }
    }

    fn read(&self, path: &str) -> String {
        let text = fs::read_to_string(self.root.join(path)).expect(path);
        text.trim_end().to_string()
    }

    /// Writes a text to a file of the machine. If that is refused, its log says why.
    fn write(&self, path: &str, text: &str) {
        if let Err(error) = fs::write(self.root.join(path), text) {
            panic!("{path}: {error}\n{}", self.read("machine/log"));
        }
    }

    /// Creates an object of machine/, and writes its files in this order.
    fn create(&self, object: &str, settings: &str) {
        fs::create_dir(self.root.join("machine").join(object)).expect(object);
        for setting in settings.split_whitespace() {
            let (name, value) = setting.split_once('=').expect(setting);
            self.write(&format!("machine/{object}/{name}"), value);
        }
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        let pid = self.memhpfs.id().to_string();
        let _ = Command::new("kill").arg(pid).status();
        let _ = self.memhpfs.wait();
    }
}

#[test]
fn goes_on_after_a_failure() {
    let m = Machine::mount("goes_on", &["--cmdline=memhp_default_state=offline"]);
    m.create("dimm/d0", "size=512M node=1 plugged=1");
    m.create(
        "fault/f",
        "phase=going_online block=34 errno=ENOMEM enabled=1",
    );
    let error = agent::online_all(&m.root).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::OutOfMemory);
    for block in 32..36 {
        let file = format!("sys/devices/system/memory/memory{block}/state");
        let state = if block == 34 { "offline" } else { "online" };
        assert_eq!(m.read(&file), state, "{file}\n{}", m.read("machine/log"));
    }
}
