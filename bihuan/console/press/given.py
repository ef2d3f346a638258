"""What forms and the API say of a statistic, read strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.figures.published.acts import Statement
from bihuan.figures.published.entries import SourceKind
from bihuan.figures.published.sheet import BASES, PERIODS, STATUSES, statement

MOST = 200
_WHOLE = re.compile(r"[+-]?\d{1,6}")
_CHOICES = {"period": PERIODS, "basis": BASES, "status": STATUSES}


def statement_of(said: Mapping[str, Any], kind: SourceKind) -> Statement:
    """The fields of a statement by the names of the sheet. Raises BadInputError, every fault."""
    told = {name: value for name, value in said.items() if value not in (None, "", "off")}
    faults = [
        Fault(name, str(told[name])[:40], "a whole number")
        for name in ("rank", "change")
        if name in told and not _WHOLE.fullmatch(str(told[name]))
    ]
    for name, choices in _CHOICES.items():
        known = [choice for choice, _words in choices]
        if name in told and told[name] not in known:
            faults.append(Fault(name, str(told[name])[:40], " | ".join(known)))
    faults += [
        Fault(name, f"{len(value)} characters", f"at most {MOST}")
        for name, value in told.items()
        if isinstance(value, str) and len(value) > MOST and name != "reason"
    ]
    if "period" not in told:
        faults.append(Fault("period", "nothing", "cumulative | single | point | since"))
    if faults:
        raise BadInputError(*faults)
    try:
        return statement(told, kind)
    except msgspec.ValidationError as error:
        raise bad("statistic", str(error)[:80], "fields of the declared kinds") from None


def text_of(file: Any, pasted: str) -> str:
    """The page's text: of the file where one was handed in, as UTF-8 or GB 18030, else pasted."""
    if file is None:
        return pasted.replace("\r\n", "\n")
    if file.size is None or file.size > 2**20:
        raise bad("text", f"{file.size} bytes", "a text file of at most 1 MiB")
    content: bytes = file.read()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding).replace("\r\n", "\n")
        except UnicodeDecodeError:
            continue
    raise bad("text", "bytes of another kind", "a text file in UTF-8 or GB 18030")
