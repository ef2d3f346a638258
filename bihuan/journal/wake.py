"""Processes wake each other by datagram; who misses one finds the entry by polling.

A waiting process binds `run/<name>.sock` below the data folder; `wake()` sends one byte to each.
Nothing depends on a datagram's arrival: it only shortens the wait.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

from django.conf import settings

CAN_WAKE = hasattr(socket, "AF_UNIX")


def run_folder() -> Path:
    """Where the wake sockets are."""
    folder: Path = settings.BIHUAN_DATA / "run"
    return folder


def wake() -> None:
    """Tell every waiting process that something was committed."""
    if not CAN_WAKE:
        return
    folder = run_folder()
    if not folder.is_dir():
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for path in folder.glob("*.sock"):
            try:
                sender.sendto(b"1", str(path))
            except ConnectionRefusedError:
                path.unlink(missing_ok=True)  # its process is dead; each one costs every wake
            except OSError:
                pass  # its queue is full: it will poll


class Waiter:
    """Sleeps until woken or until a time is over."""

    def __init__(self, name: str) -> None:
        self._socket: socket.socket | None = None
        if CAN_WAKE:
            folder = run_folder()
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / f"{name}-{os.getpid()}.sock"
            path.unlink(missing_ok=True)
            self._path = path
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.bind(str(path))

    def wait(self, seconds: float) -> bool:
        """True where woken, False where the time was over. Several wakes count as one."""
        if self._socket is None:
            return socket_less_wait(seconds)
        self._socket.settimeout(max(seconds, 0.001))
        try:
            self._socket.recv(16)
        except TimeoutError:
            return False
        self._socket.setblocking(False)
        with suppress(BlockingIOError):
            while True:
                self._socket.recv(16)
        return True

    def close(self) -> None:
        """Stop listening."""
        if self._socket is not None:
            self._socket.close()
            self._path.unlink(missing_ok=True)


def socket_less_wait(seconds: float) -> bool:
    """Where there are no datagram sockets in the file system: poll every half second."""
    threading.Event().wait(min(seconds, 0.5))
    return False
