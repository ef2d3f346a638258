"""One way to compile a kernel: cached on disk, without the interpreter lock, exact floats."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Compile on first call; fastmath stays off, because NaN carries meaning here."""
    return cast(Function, njit(cache=True, nogil=True)(function))


def inlined(function: Function) -> Function:
    """Compile into its only caller: passing a state of many arrays costs 100 ns a call."""
    return cast(Function, njit(inline="always", nogil=True)(function))
