"""Reading replies and callbacks strictly: what is not the documented body is never a success."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.base.errors import bad
from bihuan.loop.providers.provider import (
    Outcome,
    Reason,
    Refused,
    Reply,
    Secret,
    Taken,
    Throttled,
    Token,
    Unclear,
    evidence,
)

Fields = Mapping[str, Any]


def json_object(body: bytes) -> Fields | None:
    """The JSON object in a body; None for anything else."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return None
    return read if isinstance(read, dict) else None


def read_json(provider: str, reply: Reply, read: Callable[[Fields], Outcome]) -> Outcome:
    """Read a reply's JSON object; a 429 is a throttle whatever its body says.

    A body that cannot be read: after 2xx and 5xx the outcome is unknown, 4xx was not taken. A page
    of HTML is somebody between us and the provider, even where it would parse.
    """
    is_page = reply.headers.get("content-type", "").lower().startswith("text/html")
    fields = None if is_page else json_object(reply.body)
    if reply.status == 429:
        return Throttled(evidence(provider, http=429), retry_after_s(reply))
    if fields is None:
        return without_a_body(provider, reply)
    outcome = read(fields)
    if reply.status >= 300 and isinstance(outcome, Taken):
        return without_a_body(provider, reply)  # an error status never carries a success
    return outcome


def without_a_body(provider: str, reply: Reply) -> Outcome:
    """What an HTTP status alone says."""
    said = f"{evidence(provider, http=reply.status)}, body not the documented one"
    is_kept_out = 300 <= reply.status < 500 and reply.status != 408
    return Refused("other", said) if is_kept_out else Unclear(said)


def retry_after_s(reply: Reply, *names: str) -> int | None:
    """How long to wait, in whole seconds, if a header says so (never a date)."""
    for name in (*names, "retry-after"):
        said = reply.headers.get(name, "").strip()
        if said.isascii() and said.isdigit():
            return int(said)
    return None


@dataclass(frozen=True, slots=True)
class Codes:
    """A provider's error codes: why it refused, that it throttles, that it does not know itself."""

    reasons: Mapping[str, Reason]
    throttles: frozenset[str]
    unclear: frozenset[str] = frozenset()

    def failure(self, provider: str, got: object) -> Throttled | Refused | Unclear:
        """The typed failure behind a code; one we do not know is `other`."""
        said = evidence(provider, code=got)
        if str(got) in self.throttles:
            return Throttled(said)
        if str(got) in self.unclear:
            return Unclear(said)
        return Refused(self.reasons.get(str(got), "other"), said)


def read_token(
    provider: str, reply: Reply, names: tuple[str, str], error: str = "errcode"
) -> Token | Throttled | Refused | Unclear:
    """An access token from `{token name: text, seconds name: number}` and no error code.

    Failing to get one is a failure in which no message was sent.
    """
    fields = json_object(reply.body)
    if reply.status == 429:
        return Throttled(evidence(provider, http=429), retry_after_s(reply))
    if fields is None or reply.status >= 500:
        return Unclear(f"{evidence(provider, http=reply.status)}, no access token")
    text, for_s = fields.get(names[0]), fields.get(names[1])
    is_good = isinstance(text, str) and text and isinstance(for_s, int) and for_s > 0
    if not is_good or str(fields.get(error, 0)) != "0" or reply.status >= 300:
        got = fields.get(error, fields.get("code", f"http {reply.status}"))
        return Refused("credentials", f"{evidence(provider, code=got)}, no access token")
    return Token(Secret(str(text)), int(str(for_s)))


def callback_json(body: bytes, want: str) -> Fields:
    """A callback's JSON object. Raises BadInputError: its sender is told that it was not read."""
    fields = json_object(body)
    if fields is None:
        raise bad("callback", f"{len(body)} bytes", want)
    return fields


def callback_rows(body: bytes, want: str) -> list[Fields]:
    """A callback's array of JSON objects. Raises BadInputError."""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise bad("callback", f"{len(body)} bytes", want)
    return rows
