// SPDX-License-Identifier: GPL-2.0-or-later
package agent

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// machine is the root of a machine that is mounted for a test.
type machine struct {
	*testing.T
	root string
}

// mount mounts a machine. It ends with the test, and with this process, however that ends.
func mount(t *testing.T, options ...string) machine {
	t.Helper()
	root := t.TempDir()
	options = append(options, "--foreground", "--ready-fd=1", fmt.Sprintf("--exit-with=%d", os.Getpid()), root)
	memhpfs := exec.Command("memhpfs", options...)
	memhpfs.Stderr = os.Stderr
	ready, err := memhpfs.StdoutPipe()
	if err == nil {
		err = memhpfs.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		memhpfs.Process.Signal(syscall.SIGTERM)
		memhpfs.Wait()
	})
	if _, err := ready.Read(make([]byte, 1)); err != nil {
		t.Fatal("no machine could be mounted; memhpfs has printed the reason")
	}
	return machine{t, root}
}

// write writes a text to a file of the machine. If that is refused, its log says why.
func (m machine) write(path, text string) {
	m.Helper()
	if err := os.WriteFile(filepath.Join(m.root, path), []byte(text), 0); err != nil {
		m.Fatalf("%v\n%s", err, m.read("machine/log"))
	}
}

func (m machine) read(path string) string {
	m.Helper()
	text, err := os.ReadFile(filepath.Join(m.root, path))
	if err != nil {
		m.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}

// create creates an object of machine/, and writes its files in this order.
func (m machine) create(object string, settings ...string) {
	m.Helper()
	if err := os.Mkdir(filepath.Join(m.root, "machine", object), 0o777); err != nil {
		m.Fatal(err)
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		m.write(filepath.Join("machine", object, name), value)
	}
}

func TestGoesOnAfterAFailure(t *testing.T) {
	m := mount(t, "--cmdline", "memhp_default_state=offline")
	m.create("dimm/d0", "size=512M", "node=1", "plugged=1")
	m.create("fault/f", "phase=going_online", "block=34", "errno=ENOMEM", "enabled=1")
	if err := OnlineAll(m.root); !errors.Is(err, syscall.ENOMEM) {
		t.Errorf("OnlineAll returns %v, not ENOMEM", err)
	}
	for block, want := range map[int]string{32: "online", 33: "online", 34: "offline", 35: "online"} {
		if got := m.read(fmt.Sprintf("sys/devices/system/memory/memory%d/state", block)); got != want {
			t.Errorf("memory%d is %s, not %s\n%s", block, got, want, m.read("machine/log"))
		}
	}
}
