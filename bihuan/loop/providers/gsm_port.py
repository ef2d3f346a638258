"""A serial port as the modem needs it: raw, by lines, with the prompt as a line of its own."""

from __future__ import annotations

import os
import select
import termios
import time
import tty
from types import TracebackType

MOST_BYTES = 4_096  # of a line without an end: more is noise and is dropped


class SerialPort:
    """An open serial port, 8 data bits, no parity. Raises OSError where it cannot be opened."""

    def __init__(self, path: str, baud: int = 115_200) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self._fd)
        speed = getattr(termios, f"B{baud}")
        modes = termios.tcgetattr(self._fd)
        modes[2] |= termios.CLOCAL | termios.CREAD
        modes[4], modes[5] = speed, speed
        termios.tcsetattr(self._fd, termios.TCSANOW, modes)
        self._buffer = b""

    def __enter__(self) -> SerialPort:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        os.close(self._fd)

    def write(self, sent: bytes) -> None:
        while sent:
            select.select([], [self._fd], [])
            sent = sent[os.write(self._fd, sent) :]

    def read_line(self, timeout_s: float) -> str:
        """The next line that is not empty, without its end; "" after timeout_s of silence."""
        deadline = time.monotonic() + timeout_s
        while True:
            line = self._line()
            if line:
                return line
            left_s = max(deadline - time.monotonic(), 0.0)
            if not select.select([self._fd], [], [], left_s)[0]:
                return ""
            self._buffer = (self._buffer + os.read(self._fd, MOST_BYTES))[-MOST_BYTES:]

    def _line(self) -> str:
        """The first line of the buffer, taken from it; "" where none is whole yet."""
        self._buffer = self._buffer.lstrip(b"\r\n")
        if self._buffer.startswith(b"> "):
            self._buffer = self._buffer[2:]
            return ">"
        line, end, rest = self._buffer.partition(b"\n")
        if not end:
            return ""
        self._buffer = rest
        return line.decode("latin-1").strip()
