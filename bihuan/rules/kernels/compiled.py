"""One way to compile a kernel: cached on disk, without the interpreter lock, exact floats."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic

Function = TypeVar("Function", bound=Callable[..., Any])


def _kept_in() -> str:
    """A folder for this state of all kernel files.

    Numba looks only at the file in which a function stands, not at those whose functions it calls:
    a function compiled before another file was mended would be taken for fresh.
    """
    files = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in files))
    return str(Path(__file__).parent / "__pycache__" / digest.hexdigest()[:16])


if not getattr(
    config, "CACHE_DIR", ""
):  # where nobody may write here, numba takes the user's own cache
    setattr(config, "CACHE_DIR", _kept_in())  # noqa: B010 - numba's stubs know no settings


def compiled(function: Function) -> Function:
    """Compile on first call; fastmath stays off, because NaN carries meaning here."""
    return cast(Function, njit(cache=True, nogil=True)(function))


UNCOUNTED: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
INNER: dict[str, Any] = {**UNCOUNTED, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}


def bare(function: Function) -> Function:
    """Compile without counting references: for what makes no array, and its callees likewise.

    Counting costs two locked instructions for every array that is named; a late reading, which
    goes through many functions, took four times as long.
    """
    return cast(Function, njit(**UNCOUNTED)(function))


def inner(function: Function) -> Function:
    """As bare, of what other kernels alone call: a quarter of the compiling is the way in."""
    return cast(Function, njit(**INNER)(function))


def inlined(function: Function) -> Function:
    """As inner, put into its callers: a state of ten arrays costs a hundred words to hand over."""
    return cast(Function, njit(forceinline=True, **INNER)(function))


def _prefetch(_typing: Any, array: Any, place: Any) -> Any:
    """How numba is to compile prefetch: see there."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        at = builder.bitcast(builder.gep(data, [arguments[1]]), cgutils.voidptr_t)
        whole = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t, whole, whole, whole])
        ask: Any = cgutils
        call = ask.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(call, [at, whole(1), whole(3), whole(1)])  # to write, to keep, data
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


# prefetch(array, place): ask the processor for array[place] before it is needed. It changes
# nothing but the time taken. The array has one dimension and no gaps.
prefetch = cast(Callable[[Any, Any], None], intrinsic(_prefetch))


def _array_at(_typing: Any, address: Any, length: Any, layout: Any) -> Any:
    """How numba is to compile array_at: see there."""
    found, made = types.Array(layout.dtype, 1, "C"), cast(Any, cgutils)

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        whole = context.get_value_type(types.intp)
        size = context.get_constant(
            types.intp, context.get_abi_sizeof(context.get_data_type(found.dtype))
        )
        array = context.make_array(found)(context, builder)
        array.data = builder.inttoptr(arguments[0], array.data.type)
        array.shape = made.pack_array(builder, [arguments[1]], ty=whole)
        array.strides = made.pack_array(builder, [size], ty=whole)
        array.itemsize, array.nitems = size, arguments[1]
        array.meminfo = made.get_null_value(array.meminfo.type)
        return array._getvalue()

    return found(types.int64, types.int64, layout), generate


# array_at(int64, int64, dtype): the array of so many that lies at an address, inside a kernel.
# Handing over two addresses costs a tenth of what handing over ten arrays costs, for every batch.
array_at = cast(Callable[[Any, Any, Any], Any], intrinsic(_array_at))
