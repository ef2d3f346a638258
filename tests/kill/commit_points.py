"""Commit points: a forked child does one thing and kills itself before or after its n-th commit.

Counted at the connection, whichever database and thread: the commit of an outermost transaction,
and a statement that writes outside of one, which is a commit of its own. The file of keys has a
connection of its own and is not counted: nothing here makes a key.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from django.db import connections
from django.db.backends import utils
from django.db.backends.base import base

Side = Literal["before", "after"]
WRITES = ("INSERT", "UPDATE", "DELETE")
ENDED_BADLY, PATIENCE_S = 3, 60.0


@dataclass(frozen=True, slots=True)
class Died:
    """killed: whether it came to its n-th commit. told: what it acknowledged before, or None."""

    killed: bool
    told: int | None


def killed_at(n: int, side: Side, work: Callable[[Callable[[int], None]], None]) -> Died:
    """Do `work(tell)` in a fork that dies there; what it told is what the outside heard."""
    connections.close_all()
    heard, says = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            _count(n, side)
            work(lambda at: _told(says, at))
            os._exit(0)
        finally:
            os._exit(ENDED_BADLY)
    os.close(says)
    status = _ended(pid)
    told = os.read(heard, 64)
    os.close(heard)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL, status
    else:
        assert os.WEXITSTATUS(status) == 0, "the child broke before its end"
    return Died(os.WIFSIGNALED(status), int(told) if told else None)


def _told(says: int, at: int) -> None:
    os.write(says, str(at).encode())


def _ended(pid: int) -> int:
    """How it ended; one that hangs is killed, and fails the run."""
    watched = os.pidfd_open(pid)
    ready, _, _ = select.select([watched], [], [], PATIENCE_S)
    os.close(watched)
    if not ready:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise AssertionError(f"the child hung for {PATIENCE_S} s")
    return os.waitpid(pid, 0)[1]


def _count(n: int, side: Side) -> None:
    """From here on this process dies at its n-th commit."""
    done = 0

    def dying(commit: Callable[[], Any]) -> Any:
        nonlocal done
        done += 1
        if done == n and side == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        found = commit()
        if done == n:
            os.kill(os.getpid(), signal.SIGKILL)
        return found

    wrapper: Any = base.BaseDatabaseWrapper
    cursor: Any = utils.CursorWrapper
    real_commit, real_execute = wrapper._commit, cursor._execute

    def commit(self: Any) -> Any:
        return dying(lambda: real_commit(self))

    def execute(self: Any, sql: str, *rest: Any) -> Any:
        if self.db.in_atomic_block or not str(sql).lstrip().upper().startswith(WRITES):
            return real_execute(self, sql, *rest)
        return dying(lambda: real_execute(self, sql, *rest))

    wrapper._commit = commit
    cursor._execute = execute
