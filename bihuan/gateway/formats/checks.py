"""One file checked, as the commands `cap check`, `fhir check` and `gbfs check` print it.

The only place of this package that reads a file; the checks themselves get bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, TypeAlias

from bihuan.base.errors import Fault, bad
from bihuan.gateway.formats import cap, fhir, gbfs

CheckKind: TypeAlias = Literal["cap", "fhir", "gbfs"]
Verdict: TypeAlias = dict[str, object]

MAX_BYTES = 32 * 1024 * 1024
MAX_FAULTS = 1000


def check_file(kind: CheckKind, source: Path | bytes, name: str = "") -> Verdict:
    """The verdict on one file, given by path or as bytes.

    kind   cap | fhir | gbfs
    name   what `file` says and a GBFS file's kind may be told from; the path if left out
    A file that cannot be read is a verdict with one fault, not an error.
    """
    file = name or (str(source) if isinstance(source, Path) else "")
    if kind not in _CHECKS:
        raise bad("kind", kind, "one of " + ", ".join(_CHECKS))
    raw = source if isinstance(source, bytes) else _content(source)
    if isinstance(raw, Fault):
        verdict: Verdict = {"lossless": None} if kind == "fhir" else {}
        return _verdict(file, [raw], verdict)
    return _CHECKS[kind](raw, file)


def _content(path: Path) -> bytes | Fault:
    """The bytes of a file, or the fault that keeps them from us; never more than MAX_BYTES."""
    try:
        with path.open("rb") as opened:
            raw = opened.read(MAX_BYTES + 1)
    except OSError as error:
        return Fault("file", error.strerror or type(error).__name__, "a file that can be read")
    if len(raw) > MAX_BYTES:
        return Fault("file", f"more than {MAX_BYTES} bytes", f"at most {MAX_BYTES} bytes")
    return raw


def _cap(raw: bytes, file: str) -> Verdict:
    return _verdict(file, cap.check(raw), {})


def _fhir(raw: bytes, file: str) -> Verdict:
    checked = fhir.check(raw)
    return _verdict(file, checked.faults, {"lossless": checked.lossless})


def _gbfs(raw: bytes, file: str) -> Verdict:
    return _verdict(file, gbfs.check(raw, file), {})


def _verdict(file: str, faults: Sequence[Fault], more: Verdict) -> Verdict:
    listed = [fault.as_dict() for fault in faults[:MAX_FAULTS]]
    if len(faults) > MAX_FAULTS:
        got = f"{len(faults)} faults"
        listed.append(Fault("faults", got, f"the first {MAX_FAULTS} are listed").as_dict())
    return {"file": file, "accepted": not faults, **more, "faults": listed}


_CHECKS: Mapping[str, Callable[[bytes, str], Verdict]] = {"cap": _cap, "fhir": _fhir, "gbfs": _gbfs}
