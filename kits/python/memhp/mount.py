# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines that memhpfs(8) mounts, and programs that see one in /sys and /proc."""
from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import IO, Any, List, Optional, Sequence, Union

from .errors import KernelError, MemhpError
from .base import BaseMachine

__tracebackhide__ = True  # pytest shows the line of the test

TERM_S = 5  # from SIGTERM to SIGKILL

StrPath = Union[str, "os.PathLike[str]"]


class Mount(BaseMachine):
    """A machine that is mounted in a temporary directory, in real time.

    It ends with close(), and with this process, however that ends. ``path`` is the mount point; ``mount / "proc"`` and
    ``os.fspath(mount)`` work as well. The programs are taken from PATH, or from $MEMHPFS and $MEMHPFS_RUN.
    """

    def __init__(self, machine: Optional[StrPath] = None, *, cmdline: Optional[str] = None,
                 kernel: Optional[str] = None, options: Sequence[str] = ()) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp(prefix="memhp."))
        argv = [os.environ.get("MEMHPFS", "memhpfs"), "--foreground", "--ready-fd=1", "--rmdir",
                f"--exit-with={os.getpid()}", *options]
        for name, value in (("machine", machine), ("cmdline", cmdline), ("kernel", kernel)):
            if value is not None:
                argv.append(f"--{name}={os.fspath(value)}")
        with tempfile.TemporaryFile() as messages:
            self._start([*argv, str(self.path)], messages)
        self._log = open(self.path / "machine/log", errors="backslashreplace")
        self._events = os.open(self.path / "machine/uevents", os.O_RDONLY | os.O_NONBLOCK)

    def _start(self, argv: List[str], messages: IO[bytes]) -> None:
        try:
            self._daemon = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=messages)
        except OSError as error:
            self.path.rmdir()
            raise MemhpError(f"{argv[0]}: {error.strerror}; is memhpfs installed?") from None
        assert self._daemon.stdout
        with self._daemon.stdout as ready:
            is_ready = ready.read(1)
        if not is_ready:
            self._daemon.wait()
            if self.path.exists():
                self.path.rmdir()
            messages.seek(0)
            raise MemhpError(messages.read().decode(errors="replace").strip())

    def close(self) -> None:
        if self._log.closed:
            return
        self._log.close()
        os.close(self._events)
        self._daemon.terminate()
        if self._daemon.wait() == 0:
            return
        # It was killed, and could not unmount.
        for command in (["umount", "-l"], ["fusermount3", "-u", "-z"]):
            if not subprocess.run([*command, str(self.path)], stderr=subprocess.DEVNULL).returncode:
                break
        self.path.rmdir()
        raise MemhpError(f"memhpfs had ended before, with status {self._daemon.returncode}")

    def __fspath__(self) -> str:
        return str(self.path)

    def __truediv__(self, name: StrPath) -> Path:
        return self.path / name

    def __repr__(self) -> str:
        return f"<machine mounted on {self.path}>"

    def _error(self, error: OSError, path: str, doing: str) -> KernelError:
        assert error.errno is not None
        return KernelError(error.errno, path, doing, self._log.read())

    def read(self, path: str) -> str:
        try:
            return (self.path / path).read_text(errors="backslashreplace")
        except OSError as error:
            raise KernelError(error.errno or 0, path, f"read {path}") from None

    def write(self, path: str, text: object) -> None:
        self._log.read()
        try:
            fd = os.open(self.path / path, os.O_WRONLY)
            try:
                os.write(fd, str(text).encode())
            finally:
                os.close(fd)
        except OSError as error:
            raise self._error(error, path, f"write '{text}' to {path}") from None

    def list(self, path: str) -> List[str]:
        try:
            return os.listdir(self.path / path)
        except OSError as error:
            raise KernelError(error.errno or 0, path, f"list {path}") from None

    def readlink(self, path: str) -> str:
        try:
            return os.readlink(self.path / path)
        except OSError as error:
            raise KernelError(error.errno or 0, path, f"readlink {path}") from None

    def mkdir(self, path: str) -> None:
        self._log.read()
        try:
            (self.path / path).mkdir()
        except OSError as error:
            raise self._error(error, path, f"mkdir {path}") from None

    def rmdir(self, path: str) -> None:
        self._log.read()
        try:
            (self.path / path).rmdir()
        except OSError as error:
            raise self._error(error, path, f"rmdir {path}") from None

    @property
    def rate(self) -> float:
        """How fast time passes: 1 as on the host, 0 not at all; can be set."""
        return float(self.read("machine/clock/rate"))

    @rate.setter
    def rate(self, value: float) -> None:
        self.write("machine/clock/rate", f"{value:f}")

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)

    def _new_uevents(self) -> str:
        text = b""
        try:
            while True:
                text += os.read(self._events, 1 << 16)
        except BlockingIOError:
            return text.decode(errors="backslashreplace")


class View(Mount):
    """A mounted machine, and programs that see it in /sys and /proc, through memhpfs-run(1)."""

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._started: List["subprocess.Popen[str]"] = []

    def command(self, args: Sequence[StrPath], options: Sequence[str] = ()) -> List[StrPath]:
        """The command that runs ``args`` there, for subprocess.Popen and others."""
        program = os.environ.get("MEMHPFS_RUN", "memhpfs-run")
        return [program, f"--mount={self.path}", *options, "--", *args]

    def start(self, args: Sequence[StrPath], *, options: Sequence[str] = (),
              **settings: Any) -> "subprocess.Popen[str]":
        """Start a program, such as a daemon, as subprocess.Popen() does; close() ends it."""
        settings = {"text": True, **settings}
        process: "subprocess.Popen[str]" = subprocess.Popen(self.command(args, options), **settings)
        self._started.append(process)
        return process

    def close(self) -> None:
        for process in self._started:
            process.terminate()
        for process in self._started:
            try:
                process.wait(TERM_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._started.clear()
        super().close()

    def run(self, args: Sequence[StrPath], *, options: Sequence[str] = (),
            **settings: Any) -> "subprocess.CompletedProcess[str]":
        """Run a program, and return its status and what it prints, as subprocess.run() with the same settings."""
        settings = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, **settings}
        return subprocess.run(self.command(args, options), **settings)
