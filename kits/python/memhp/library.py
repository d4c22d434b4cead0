# SPDX-License-Identifier: GPL-2.0-or-later
"""libmemhp, as memhp.h declares it."""
from __future__ import annotations

import ctypes
import functools
import os
from ctypes import POINTER, c_char_p, c_int, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, Tuple

from .errors import MemhpError


class Stat(ctypes.Structure):
    """struct memhp_stat"""

    _fields_ = [("mode", c_uint32), ("nlink", c_uint32), ("size", c_uint64)]


_FUNCTIONS: Dict[str, Tuple[Any, ...]] = {  # the type of the result, and those of the arguments
    "new": (c_int, POINTER(c_void_p)),
    "free": (None, c_void_p),
    "load": (c_int, c_void_p, c_char_p),
    "load_text": (c_int, c_void_p, c_char_p, c_size_t),
    "set_kernel": (c_int, c_void_p, c_char_p),
    "add_cmdline": (c_int, c_void_p, c_char_p),
    "boot": (c_int, c_void_p),
    "error": (c_char_p, c_void_p),
    "text_free": (None, c_void_p),
    "read": (c_int, c_void_p, c_char_p, POINTER(c_void_p), POINTER(c_size_t)),
    "write_data": (c_int, c_void_p, c_char_p, c_char_p, c_size_t),
    "list": (c_int, c_void_p, c_char_p, POINTER(POINTER(c_char_p)), POINTER(c_size_t)),
    "readlink": (c_int, c_void_p, c_char_p, POINTER(c_void_p)),
    "stat": (c_int, c_void_p, c_char_p, POINTER(Stat), c_size_t),
    "mkdir": (c_int, c_void_p, c_char_p),
    "rmdir": (c_int, c_void_p, c_char_p),
    "begin_write": (c_int, c_void_p, c_char_p, c_char_p, c_size_t, c_void_p, c_void_p, POINTER(c_uint64)),
    "pending": (c_int, c_void_p, c_uint64),
    "wait": (c_int, c_void_p, c_uint64),
    "cancel": (c_int, c_void_p, c_uint64),
    "set_actor": (c_int, c_void_p, c_char_p),
    "now": (c_uint64, c_void_p),
    "advance": (c_int, c_void_p, c_uint64),
    "run": (c_int, c_void_p, c_uint64),
    "uevents": (c_int, c_void_p, POINTER(c_void_p)),
    "fork": (c_int, c_void_p, POINTER(c_void_p)),
}


class Library:
    """The functions of libmemhp without their prefix: ``load().read(...)`` is memhp_read()."""

    def __init__(self, name: str) -> None:
        try:
            library = ctypes.CDLL(name)
            for function, (result, *arguments) in _FUNCTIONS.items():
                entry = library[f"memhp_{function}"]
                entry.restype, entry.argtypes = result, arguments
                setattr(self, function, entry)
        except (OSError, AttributeError) as error:
            raise MemhpError(f"{error} (machines in memory need libmemhp; $MEMHP_LIBRARY can name it)") from None

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)


@functools.lru_cache(maxsize=None)
def load() -> Library:
    """The library, which is loaded when it is needed for the first time."""
    return Library(os.environ.get("MEMHP_LIBRARY", "libmemhp.so.0"))
