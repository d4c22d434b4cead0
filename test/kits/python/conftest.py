# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of the Python package have in common: none may leave a mount or a directory."""
import os
import tempfile

import pytest

pytest_plugins = ["pytester"]


def left(directory):
    with open("/proc/self/mounts") as table:
        mounts = [line.split()[1] for line in table]
    return [path for path in mounts if path.startswith(str(directory))] + os.listdir(directory)


@pytest.fixture(autouse=True)
def mounts(tmp_path_factory, monkeypatch):
    """The directory of the mounts of a test, which must be empty in the end."""
    directory = tmp_path_factory.mktemp("mounts")
    monkeypatch.setenv("TMPDIR", str(directory))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield directory
    assert left(directory) == []


@pytest.fixture(params=["machine", "mount"])
def m(request):
    """A machine of each kind."""
    return request.getfixturevalue(request.param)
