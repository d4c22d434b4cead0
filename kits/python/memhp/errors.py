# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong."""
from __future__ import annotations

import errno as errnos
import os


class MemhpError(Exception):
    """A machine could not be made or mounted; the text is what the program or the library said."""


class KernelError(OSError):
    """The emulated kernel has refused an operation.

    ``errno``, ``strerror`` and ``filename`` are those of any OSError; ``filename`` is the path in the machine.

    ``code``: the name of the errno, such as ``"EBUSY"``.
    ``reason``: what ``machine/log`` said about it, perhaps in several lines; ``""`` if nothing.

    ETIMEDOUT is not from the kernel: nothing that will happen on the machine would end the operation.
    """

    def __init__(self, errno: int, path: str, doing: str, reason: str = "") -> None:
        super().__init__(errno, "does not end" if errno == errnos.ETIMEDOUT else os.strerror(errno), path)
        self.doing = doing
        self.reason = reason.strip()

    @property
    def code(self) -> str:
        return errnos.errorcode.get(self.errno or 0, str(self.errno))

    def __str__(self) -> str:
        reason = "".join(f"\n  machine/log: {line}" for line in self.reason.splitlines())
        return f"{self.code}: {self.doing}: {self.strerror}{reason}"
