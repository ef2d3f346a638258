"""The forms in which readings are posted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from bihuan.base.errors import Fault
from bihuan.gateway.http.arrow import from_arrow
from bihuan.gateway.http.lines import Checked, from_json
from bihuan.gateway.http.request import RefusedError

Reader = Callable[[bytes], Checked]
_READERS: Final[dict[str, Reader]] = {
    "application/json": partial(from_json, is_lines=False),
    "application/x-ndjson": partial(from_json, is_lines=True),
    "application/jsonl": partial(from_json, is_lines=True),
    "application/vnd.apache.arrow.stream": from_arrow,
}


def reader_of(media_type: str) -> Reader:
    """What reads a body of this type; raises RefusedError 415."""
    read = _READERS.get(media_type)
    if read is None:
        got = media_type or "nothing"
        raise RefusedError(415, Fault("Content-Type", got[:60], "one of " + ", ".join(_READERS)))
    return read
