# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory blocks, devices, workloads, faults and gates of a machine."""
from __future__ import annotations

import re
from typing import TYPE_CHECKING, List, Optional, Union

if TYPE_CHECKING:
    from .base import BaseMachine

__tracebackhide__ = True  # pytest shows the line of the test

PAUSE = 0.01

Size = Union[int, str]
"""Bytes, or a text such as ``"512M"`` or ``"4G"``."""


class BlockText(str):
    """What a file of a memory block reads; a failed comparison in pytest tells more about the block."""

    block: "Block"

    def __new__(cls, block: "Block", text: str) -> "BlockText":
        self = super().__new__(cls, text)
        self.block = block
        return self


class Block:
    """A memory block: ``m.block(32)``."""

    def __init__(self, machine: BaseMachine, number: int) -> None:
        self.machine = machine
        self.number = number
        self.path = f"sys/devices/system/memory/memory{number}"

    def __repr__(self) -> str:
        if not self.exists:
            return f"<memory{self.number}: does not exist>"
        return f"<memory{self.number}: {self.state}, {self.zones}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Block) and (self.machine, self.number) == (other.machine, other.number)

    def __hash__(self) -> int:
        return hash((id(self.machine), self.number))

    def _text(self, name: str) -> BlockText:
        return BlockText(self, self.machine.read(f"{self.path}/{name}").rstrip("\n"))

    @property
    def exists(self) -> bool:
        return f"memory{self.number}" in self.machine.list("sys/devices/system/memory")

    @property
    def state(self) -> BlockText:
        """``"online"``, ``"offline"`` or ``"going-offline"``."""
        return self._text("state")

    @property
    def zones(self) -> BlockText:
        """The file ``valid_zones``: the zone of an online block, and the possible zones of others."""
        return self._text("valid_zones")

    @property
    def node(self) -> Optional[int]:
        """The NUMA node (of several, the lowest)."""
        names = (re.fullmatch(r"node(\d+)", name) for name in self.machine.list(self.path))
        return min((int(name[1]) for name in names if name), default=None)

    def online(self, zone: Optional[str] = None) -> None:
        """Bring it online, in the zone ``"kernel"`` or ``"movable"`` if that is given."""
        self.machine.write(f"{self.path}/state", f"online_{zone}" if zone else "online")

    def offline(self) -> None:
        """Take it offline. Like the kernel, this does not end while its pages cannot be moved."""
        self.machine.write(f"{self.path}/state", "offline")

    def wait(self, state: str, timeout: float = 10) -> None:
        """Wait until somebody else has brought it into a state; TimeoutError after so many seconds.

        Time passes on a machine in memory meanwhile.
        """
        for _ in range(round(timeout / PAUSE) + 1):
            if self.exists and self.state == state:
                return
            self.machine.pause(PAUSE)
        log = "".join(f"\n  machine/log: {line}" for line in self.log[-5:])
        raise TimeoutError(f"not {state} after {timeout} s: {self!r}{log}")

    @property
    def log(self) -> List[str]:
        """The lines of ``machine/log`` that name it."""
        name = re.compile(rf"\bmemory{self.number}\b")
        return [line for line in self.machine.log if name.search(line)]


class MachineObject:
    """An object of ``machine/``; ``obj["size"]`` and ``obj["size"] = "1G"`` read and write its files."""

    kind = ""

    def __init__(self, machine: BaseMachine, name: str) -> None:
        self.machine = machine
        self.name = name
        self.path = f"machine/{self.kind}/{name}"

    def __repr__(self) -> str:
        return f"<{self.kind}/{self.name}>"

    def __getitem__(self, name: str) -> str:
        return self.machine.read(f"{self.path}/{name}").rstrip("\n")

    def __setitem__(self, name: str, value: object) -> None:
        self.machine.write(f"{self.path}/{name}", value)

    def remove(self) -> None:
        """Remove it."""
        self.machine.rmdir(self.path)


class Device(MachineObject):
    """A device that is plugged."""

    @property
    def size(self) -> int:
        """Its bytes."""
        return int(self["size"])

    @property
    def addr(self) -> int:
        """Its physical address."""
        return int(self["addr"], 0)

    @property
    def blocks(self) -> List[Block]:
        """The memory blocks in its range of addresses."""
        step = self.machine.block_size
        return [block for block in self.machine.blocks
                if self.addr <= block.number * step and (block.number + 1) * step <= self.addr + self.size]

    def unplug(self) -> None:
        """Unplug and remove it; KernelError if the kernel does not release its memory."""
        self["plugged"] = 0
        self.remove()


class Dimm(Device):
    """A DIMM."""

    kind = "dimm"


class VirtioMem(Device):
    """A virtio-mem device."""

    kind = "virtio-mem"

    @property
    def plugged_size(self) -> int:
        """How many bytes the guest has."""
        return int(self["plugged_size"])

    def resize(self, size: Size) -> None:
        """Change how much memory the guest should have; ``plugged_size`` is what it has then."""
        self["requested_size"] = size


class Dax(Device):
    """A DAX region."""

    kind = "dax"

    @property
    def system_ram(self) -> bool:
        """Whether it is memory of the kernel (the driver kmem)."""
        return self["system_ram"] == "1"

    @system_ram.setter
    def system_ram(self, value: bool) -> None:
        self["system_ram"] = int(value)


class Workload(MachineObject):
    """A user of memory."""

    kind = "workload"

    @property
    def size(self) -> int:
        """How many bytes it holds; can be set."""
        return int(self["size"])

    @size.setter
    def size(self, value: Size) -> None:
        self["size"] = value

    @property
    def resident(self) -> str:
        """Where its memory is: lines of node, zone and bytes."""
        return self["resident"]


class _Counted(MachineObject):
    """What can be left with the end of a ``with`` statement."""

    def __exit__(self, *_: object) -> None:
        self.remove()


class Fault(_Counted):
    """A fault plan, which is enabled."""

    kind = "fault"

    def __enter__(self) -> "Fault":
        return self

    @property
    def hits(self) -> int:
        """How many steps have matched it."""
        return int(self["hits"])

    @property
    def failures(self) -> int:
        """How many steps it has failed or delayed."""
        return int(self["failures"])


class Race(_Counted):
    """A gate that holds requests, which is enabled."""

    kind = "race"

    def __enter__(self) -> "Race":
        return self

    @property
    def waiting(self) -> int:
        """How many requests are held."""
        return int(self["waiting"])

    @property
    def passed(self) -> int:
        """How many requests were released."""
        return int(self["passed"])

    def release(self, count: int = 1) -> None:
        """Release this many requests."""
        self["release"] = count
