"""A database that is away: every statement on every one of them fails while the block runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import Error, OperationalError, connections


@contextmanager
def away(kind: type[Error] = OperationalError) -> Iterator[None]:
    """As where the server is gone (OperationalError), or a connection was closed under us
    (InterfaceError).
    """

    def gone(*_call: Any) -> Any:
        raise kind("the database is away")

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(gone))
        yield
