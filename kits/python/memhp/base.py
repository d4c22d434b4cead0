# SPDX-License-Identifier: GPL-2.0-or-later
"""A machine, however it is reached: through its files, as memhpfs(7) describes them."""
from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import Dict, List, Optional, TypeVar, Union

from .objects import Block, Dax, Dimm, Fault, Race, Size, VirtioMem, Workload

__tracebackhide__ = True  # pytest shows the line of the test

MEMORY = "sys/devices/system/memory"
NS = 1_000_000_000


class Uevent(str):
    """A uevent; as a text, its action and the last part of its path: ``"online memory32"``."""

    action: str
    devpath: str
    env: Dict[str, str]

    def __new__(cls, text: str) -> "Uevent":
        first, *rest = text.splitlines()
        action, _, devpath = first.partition("@")
        self = super().__new__(cls, f"{action} {devpath.rpartition('/')[2]}")
        self.action, self.devpath = action, devpath
        self.env = dict(line.split("=", 1) for line in rest)
        return self


Self = TypeVar("Self", bound="BaseMachine")


class BaseMachine(ABC):
    """What machines in memory and mounted ones have in common.

    Paths are those below the mount point, such as ``"sys/devices/system/memory/memory32/state"``. An operation that
    the emulated kernel refuses raises KernelError.
    """

    def __init__(self) -> None:
        self._uevents: List[Uevent] = []
        self._seen = 0
        self._names: Dict[str, int] = {}

    # ---- files

    @abstractmethod
    def read(self, path: str) -> str:
        """The text of a file."""

    @abstractmethod
    def write(self, path: str, text: object) -> None:
        """Write a text to a file with one write(2)."""

    @abstractmethod
    def list(self, path: str) -> List[str]:
        """The names in a directory."""

    @abstractmethod
    def readlink(self, path: str) -> str:
        """The target of a symbolic link."""

    @abstractmethod
    def mkdir(self, path: str) -> None:
        """Make a directory below ``machine/``, which creates an object."""

    @abstractmethod
    def rmdir(self, path: str) -> None:
        """Remove such a directory."""

    @abstractmethod
    def _new_uevents(self) -> str:
        """The text of all uevents that have not been asked for yet."""

    @abstractmethod
    def close(self) -> None:
        """Shut the machine down; a second call does nothing."""

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- memory blocks

    @property
    def block_size(self) -> int:
        """Bytes of a memory block."""
        return int(self.read(f"{MEMORY}/block_size_bytes"), 16)

    def block(self, number: int) -> Block:
        """Memory block ``number``, which need not exist."""
        return Block(self, number)

    @property
    def blocks(self) -> List[Block]:
        """All memory blocks, in order."""
        names = (re.fullmatch(r"memory(\d+)", name) for name in self.list(MEMORY))
        return [Block(self, number) for number in sorted(int(name[1]) for name in names if name)]

    # ---- what happens

    @property
    def log(self) -> List[str]:
        """The lines of ``machine/log``: the kernel's messages, and why something was refused."""
        return self.read("machine/log").splitlines()

    @property
    def uevents(self) -> List[Uevent]:
        """All uevents since the machine was started: ``["add memory32", ...]``."""
        events = [event for event in self._new_uevents().split("\n\n") if event.strip()]
        self._uevents += map(Uevent, events)
        return list(self._uevents)

    def new_uevents(self) -> List[Uevent]:
        """The uevents since the last call."""
        events = self.uevents[self._seen:]
        self._seen += len(events)
        return events

    @property
    def meminfo(self) -> Dict[str, int]:
        """``/proc/meminfo`` in bytes (or numbers, as ``HugePages_Total``)."""
        rows = (line.split() for line in self.read("proc/meminfo").splitlines())
        return {row[0].rstrip(":"): int(row[1]) * (1024 if row[2:] == ["kB"] else 1) for row in rows}

    # ---- time

    @property
    def now(self) -> float:
        """The machine's time since a fixed moment, in seconds."""
        return int(self.read("machine/clock/now_ns")) / NS

    def advance(self, seconds: float) -> None:
        """Let time pass at once; everything that falls due happens."""
        self.write("machine/clock/advance_ns", round(seconds * NS))

    @abstractmethod
    def pause(self, seconds: float) -> None:
        """Let time pass as it does: on a mount it takes as long as it is, so that others can act."""

    # ---- objects of machine/

    def make(self, kind: str, name: Optional[str] = None, /, **settings: object) -> str:
        """Create the object ``machine/KIND/NAME``, write its settings in order, and return its name.

        Settings that are None are left out. If one is refused, the object is removed again.
        """
        while name is None:
            number = self._names.get(kind, 0)
            self._names[kind] = number + 1
            if f"{kind}{number}" not in self.list(f"machine/{kind}"):
                name = f"{kind}{number}"
        path = f"machine/{kind}/{name}"
        self.mkdir(path)
        try:
            for key, value in settings.items():
                if value is not None:
                    self.write(f"{path}/{key}", value)
        except BaseException:
            self.rmdir(path)
            raise
        return name

    def plug(self, size: Size, *, node: Optional[int] = None, name: Optional[str] = None,
             addr: Optional[int] = None) -> Dimm:
        """Plug a DIMM: ``m.plug("1G", node=1)``."""
        return Dimm(self, self.make("dimm", name, size=size, node=node, addr=addr, plugged=1))

    def plug_virtio_mem(self, size: Size, *, node: Optional[int] = None, name: Optional[str] = None,
                        requested: Optional[Size] = None, block_size: Optional[Size] = None) -> VirtioMem:
        """Plug a virtio-mem device that can provide up to ``size``, and provides ``requested`` at first."""
        device = VirtioMem(self, self.make("virtio-mem", name, size=size, node=node, block_size=block_size, plugged=1))
        if requested is not None:
            device.resize(requested)
        return device

    def plug_dax(self, size: Size, *, node: Optional[int] = None, name: Optional[str] = None,
                 system_ram: bool = False) -> Dax:
        """Plug a DAX region, such as CXL memory; with ``system_ram`` it becomes memory blocks at once."""
        device = Dax(self, self.make("dax", name, size=size, node=node, plugged=1))
        if system_ram:
            device.system_ram = True
        return device

    def workload(self, size: Size, kind: str = "anon", *, block: Union[int, Block, None] = None,
                 node: Optional[int] = None, name: Optional[str] = None, **settings: object) -> Workload:
        """Let something use memory: ``m.workload("64M", "pinned", block=32)``."""
        where = block.number if isinstance(block, Block) else block
        return Workload(self, self.make("workload", name, kind=kind, block=where, node=node, **settings, size=size))

    def fault(self, phase: str, *, block: Union[int, str, Block, None] = None, errno: Optional[str] = None,
              after: Optional[int] = None, count: Optional[int] = None, probability: Optional[int] = None,
              seed: Optional[int] = None, delay_ms: Union[int, str, None] = None,
              name: Optional[str] = None) -> Fault:
        """Let a step fail or take time: ``m.fault("going_online", block=34, errno="ENOMEM")``.

        In a ``with`` statement, the fault is removed at the end.
        """
        where = block.number if isinstance(block, Block) else block
        return Fault(self, self.make("fault", name, phase=phase, block=where, errno=errno, after=after, count=count,
                                     probability=probability, seed=seed, delay_ms=delay_ms, enabled=1))

    def race(self, *, actor: Optional[str] = None, op: Optional[str] = None, path: Optional[str] = None,
             value: Optional[str] = None, until: Optional[str] = None, at: Optional[str] = None,
             after: Optional[int] = None, parties: Optional[int] = None, count: Optional[int] = None,
             name: Optional[str] = None) -> Race:
        """Hold requests of programs at a gate: ``m.race(actor="agent", path="*/memory33/state")``."""
        return Race(self, self.make("race", name, actor=actor, op=op, path=path, value=value, until=until, at=at,
                                    after=after, parties=parties, count=count, enabled=1))
