# SPDX-License-Identifier: GPL-2.0-or-later
"""A terminal of fixed size with memhpfs-view in it: keys go in, the screen comes out."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte


class Terminal:
    def __init__(self, command, columns=80, lines=24, **env):
        self.screen = pyte.Screen(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if not self.pid:
            signal.signal(signal.SIGWINCH, signal.SIG_DFL)
            os.environ.update({"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "LINES": "", "COLUMNS": ""}, **env)
            for name in ("LINES", "COLUMNS"):
                del os.environ[name]
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
            os.execv(command[0], command)
        self.resize(columns, lines)
        self.status = None

    def resize(self, columns, lines):
        self.screen.resize(lines, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def read(self, seconds=0.05):
        """Take in what is printed until nothing comes for so long; False at the end."""
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                self.stream.feed(os.read(self.fd, 65536))
            except OSError:
                return False
        return True

    def text(self):
        return "\n".join(line.rstrip() for line in self.screen.display)

    def keys(self, text):
        os.write(self.fd, text.encode())

    def wait(self, what, seconds=10):
        """Wait until a text, or any of a function, is on the screen; return all of it."""
        is_there = what if callable(what) else lambda text: what in text
        end = time.monotonic() + seconds
        goes_on = True
        while not is_there(self.text()):
            if time.monotonic() > end or not goes_on:
                raise AssertionError(f"{what!r} does not appear:\n{self.text()}")
            goes_on = self.read()
        return self.text()

    def end(self):
        """Wait for the program to end, and return its exit status."""
        while self.read(10):
            pass
        self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return self.status
