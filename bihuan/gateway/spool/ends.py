"""Listening for the other side, or dialling it again and again: the same session on each line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import structlog

from bihuan.gateway.spool.line import Line, answered, dialled

Session = Callable[[Line], None]
MOST_LINES: Final = 4
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 15.0
log = structlog.get_logger(__name__)


class End:
    """One side's end of the handover, in threads of its own. `port` once it listens."""

    def __init__(self, session: Session, key: bytes) -> None:
        self._session, self._key = session, key
        self._stopping = threading.Event()
        self._socket: socket.socket | None = None
        self._room = threading.BoundedSemaphore(MOST_LINES)
        self._threads: set[threading.Thread] = set()
        self._lines: set[Line] = set()
        self._held = threading.Lock()
        self.port = 0

    def listen(self, address: tuple[str, int], certificate: Path) -> None:
        """Wait for the other side; raises OSError where the address cannot be had."""
        self._socket = socket.create_server(address)
        self.port = int(self._socket.getsockname()[1])
        self._start(self._accept, certificate)

    def dial(self, address: tuple[str, int]) -> None:
        """Dial the other side, again after a pause that doubles up to 15 s."""
        self._start(self._redial, address)

    def stop(self) -> None:
        """Close every line and wait for the sessions."""
        self._stopping.set()
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
        with self._held:
            lines = list(self._lines)
        for line in lines:
            line.close()
        for thread in list(self._threads):
            thread.join(30)

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()

    def _start(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, name="handover", daemon=True)
        self._threads.add(thread)
        thread.start()

    def _accept(self, certificate: Path) -> None:
        assert self._socket is not None
        while not self._stopping.is_set():
            try:
                plain, _who = self._socket.accept()
            except OSError:
                return
            if self._room.acquire(blocking=False):
                self._start(self._answer, plain, certificate)
            else:
                plain.close()

    def _answer(self, plain: socket.socket, certificate: Path) -> None:
        try:
            self._serve(lambda: answered(plain, self._key, certificate))
        finally:
            self._room.release()
            self._threads.discard(threading.current_thread())

    def _redial(self, address: tuple[str, int]) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._stopping.is_set():
            pause_s = FIRST_PAUSE_S if self._serve(lambda: dialled(address, self._key)) else pause_s
            if self._stopping.wait(pause_s):
                return
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    def _serve(self, opened: Callable[[], Line]) -> bool:
        """Run one session to its end; whether the two sides knew each other."""
        try:
            line = opened()
        except OSError as error:
            log.warning("no handover", error=type(error).__name__)
            return False
        with self._held:
            self._lines.add(line)
        try:
            if not self._stopping.is_set():
                self._session(line)
        except Exception as error:  # noqa: BLE001 - the line's edge: nothing is confirmed that is not stored, so the next line goes on
            log.warning("handover broken off", error=type(error).__name__)
        finally:
            with self._held:
                self._lines.discard(line)
            line.close()
        return True
