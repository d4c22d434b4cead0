# SPDX-License-Identifier: GPL-2.0-or-later
"""Machines in memory, in virtual time."""
from __future__ import annotations

import contextlib
import os
from ctypes import POINTER, byref, c_char_p, c_size_t, c_uint64, c_void_p, sizeof, string_at
from typing import Any, Callable, Iterator, List, Optional

from .base import NS, BaseMachine
from .errors import KernelError, MemhpError
from .library import Stat, load
from .mount import StrPath

__tracebackhide__ = True  # pytest shows the line of the test


class Machine(BaseMachine):
    """A machine in memory, which needs neither FUSE nor another process.

    Its time is virtual: it stands still except for advance(), run(), and while an operation waits.
    """

    def __init__(self, machine: Optional[StrPath] = None, *, cmdline: Optional[str] = None,
                 kernel: Optional[str] = None, text: Optional[str] = None) -> None:
        """Boot a machine: a file, the name of one that comes with memhpfs, or the text of a machine file."""
        super().__init__()
        self._lib = load()
        self._handle: Optional[c_void_p] = c_void_p()
        if self._lib.new(byref(self._handle)):
            raise MemoryError
        try:
            if machine is not None:
                self._prepare(self._lib.load, os.fsencode(machine))
            if text is not None:
                self._prepare(self._lib.load_text, text.encode(), len(text.encode()))
            if kernel is not None:
                self._prepare(self._lib.set_kernel, kernel.encode())
            if cmdline is not None:
                self._prepare(self._lib.add_cmdline, cmdline.encode())
            self._prepare(self._lib.boot)
        except MemhpError:
            self.close()
            raise

    def __repr__(self) -> str:
        return "<machine in memory>"

    def _prepare(self, function: Callable[..., int], *args: Any) -> None:
        if function(self._handle, *args):
            raise MemhpError(self._words())

    def _words(self) -> str:
        text: bytes = self._lib.error(self._handle)
        return text.decode(errors="backslashreplace")

    def _log_size(self) -> int:
        stat = Stat()
        self._lib.stat(self._handle, b"machine/log", byref(stat), sizeof(stat))
        return int(stat.size)

    def _call(self, doing: str, path: str, function: Callable[..., int], *args: Any) -> None:
        """Call a function of the library about a file; KernelError if it fails."""
        if self._handle is None:
            raise MemhpError(f"{doing}: the machine is closed")
        before = self._log_size()
        result = function(self._handle, path.encode(), *args)
        if result:
            words = self._words()
            if self._log_size() > before:
                reason = self._read_bytes("machine/log")[before:].decode(errors="backslashreplace")
            else:  # nothing was logged, or old lines were discarded
                reason = words.partition(f"{os.strerror(-result)}: ")[2]
            raise KernelError(-result, path, doing, reason)

    def _read_bytes(self, path: str) -> bytes:
        text, size = c_void_p(), c_size_t()
        self._call(f"read {path}", path, self._lib.read, byref(text), byref(size))
        data = string_at(text.value or 0, size.value)
        self._lib.text_free(text)
        return data

    def close(self) -> None:
        if self._handle is not None:
            self._lib.free(self._handle)
        self._handle = None

    def __del__(self) -> None:
        if hasattr(self, "_handle"):
            self.close()

    def read(self, path: str) -> str:
        return self._read_bytes(path).decode(errors="backslashreplace")

    def write(self, path: str, text: object) -> None:
        data = str(text).encode()
        self._call(f"write '{text}' to {path}", path, self._lib.write_data, data, len(data))

    def list(self, path: str) -> List[str]:
        names, number = POINTER(c_char_p)(), c_size_t()
        self._call(f"list {path}", path, self._lib.list, byref(names), byref(number))
        result = [(names[i] or b"").decode() for i in range(number.value)]
        self._lib.text_free(names)
        return result

    def readlink(self, path: str) -> str:
        text = c_void_p()
        self._call(f"readlink {path}", path, self._lib.readlink, byref(text))
        result = string_at(text.value or 0).decode()
        self._lib.text_free(text)
        return result

    def mkdir(self, path: str) -> None:
        self._call(f"mkdir {path}", path, self._lib.mkdir)

    def rmdir(self, path: str) -> None:
        self._call(f"rmdir {path}", path, self._lib.rmdir)

    def _new_uevents(self) -> str:
        text = c_void_p()
        result = self._lib.uevents(self._handle, byref(text))
        if result:
            raise KernelError(-result, "machine/uevents", "read machine/uevents")
        events = string_at(text.value or 0).decode(errors="backslashreplace")
        self._lib.text_free(text)
        return events

    def fork(self) -> "Machine":
        """Another machine that is as this one is now; it has had no uevents."""
        copy = c_void_p()
        result = self._lib.fork(self._handle, byref(copy))
        if result:
            raise KernelError(-result, "", "fork")
        machine = object.__new__(Machine)
        BaseMachine.__init__(machine)
        machine._lib, machine._handle = self._lib, copy
        return machine

    # ---- time

    def advance(self, seconds: float) -> None:
        self._lib.advance(self._handle, round(seconds * NS))

    def pause(self, seconds: float) -> None:
        self.advance(seconds)

    def run(self, most: float = 3600) -> None:
        """Let time pass until no operation is in progress; KernelError (ETIMEDOUT) after ``most`` seconds."""
        result = self._lib.run(self._handle, round(most * NS))
        if result:
            raise KernelError(-result, "", f"run for {most} s")

    # ---- requests that wait

    def begin_write(self, path: str, text: object) -> "Request":
        """Begin to write to a file, as a process of its own."""
        data, number = str(text).encode(), c_uint64()
        doing = f"write '{text}' to {path}"
        self._call(doing, path, self._lib.begin_write, data, len(data), None, None, byref(number))
        return Request(self, number.value, path, doing)

    @contextlib.contextmanager
    def actor(self, name: str) -> Iterator[None]:
        """Let what follows be done by a process of this name: race gates hold only requests of processes."""
        self._lib.set_actor(self._handle, name.encode())
        try:
            yield
        finally:
            self._lib.set_actor(self._handle, None)


class Request:
    """A write that was begun, and may be in progress."""

    def __init__(self, machine: Machine, number: int, path: str, doing: str) -> None:
        self._machine = machine
        self._number = number
        self._path = path
        self._doing = doing

    @property
    def pending(self) -> bool:
        """Whether it is still in progress."""
        return bool(self._machine._lib.pending(self._machine._handle, self._number) == 1)

    def wait(self) -> None:
        """Let time pass until it has ended; KernelError if it has failed, ETIMEDOUT if it never ends."""
        lib = self._machine._lib
        self._machine._call(self._doing, self._path, lambda machine, _: int(lib.wait(machine, self._number)))

    def cancel(self) -> None:
        """Kill its process, as SIGKILL does, and forget it."""
        self._machine._lib.cancel(self._machine._handle, self._number)
