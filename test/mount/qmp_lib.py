# SPDX-License-Identifier: GPL-2.0-or-later
"""A client of a monitor, for tests."""
import json
import os
import socket


class Client:
    def __init__(self, where, negotiate=True):
        if where.startswith("tcp:"):
            host, port = where[4:].rsplit(":", 1)
            self.sock = socket.create_connection((host, int(port)), timeout=20)
        else:
            self.sock = socket.socket(socket.AF_UNIX)
            self.sock.settimeout(20)
            self.sock.connect(where.removeprefix("unix:"))
        self.buf = b""
        self.events = []
        self.greeting = self.line()
        if negotiate:
            self.ask("qmp_capabilities")

    def line(self):
        """Return the next object; None at the end."""
        while b"\n" not in self.buf:
            data = self.sock.recv(1 << 16)
            if not data:
                return None
            self.buf += data
        line, self.buf = self.buf.split(b"\n", 1)
        return json.loads(line)

    def send(self, text):
        self.sock.sendall(text if isinstance(text, bytes) else text.encode())

    def answer(self):
        while True:
            got = self.line()
            if got is None or "event" not in got:
                return got
            self.events.append(got)

    def ask(self, command, **arguments):
        message = {"execute": command}
        if arguments:
            message["arguments"] = {k.replace("_", "-"): v for k, v in arguments.items()}
        self.send(json.dumps(message))
        return self.answer()

    def ram(self, name, size):
        return self.ask("object-add", qom_type="memory-backend-ram", id=name, size=size)

    def wait(self, *names):
        """Return the next events of these names, in this order."""
        found = []
        for name in names:
            while not any(e["event"] == name for e in self.events):
                got = self.line()
                assert got and "event" in got, got
                self.events.append(got)
            at = next(i for i, e in enumerate(self.events) if e["event"] == name)
            found.append(self.events.pop(at))
        return found[0] if len(found) == 1 else found

    def closed(self):
        try:
            while True:
                if not self.sock.recv(1 << 16):
                    return True
        except ConnectionError:
            return True

    def close(self):
        self.sock.close()


def put(path, text):
    fd = os.open(path, os.O_WRONLY)
    try:
        os.write(fd, text.encode())
    finally:
        os.close(fd)


def get(path):
    with open(path) as file:
        return file.read()
