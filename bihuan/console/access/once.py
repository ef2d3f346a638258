"""`Idempotency-Key`: a POST that is sent again is answered again, and done once.

The same key with the same request gets the kept answer; with another request 409. Only answers
of success are kept (a refused request changed nothing and may be tried again), for 24 hours. Two
at the same moment: the second is told to wait. An act carries its key into the journal besides,
so there it holds for good.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, RawPostDataException

from bihuan.base.errors import Fault
from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.console.access.caller import name_of
from bihuan.console.access.models import KeptAnswer
from bihuan.console.home import clock

FIELD = "Idempotency-Key"


class KeyUsedError(Exception):
    """409: the key was used for another request, or its request is still being worked on."""

    def __init__(self, got: str, want: str) -> None:
        super().__init__(got)
        self.fault = Fault(FIELD, got, want)


def once(request: HttpRequest, key: str, do: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What `do` returns, or what it returned to the same request before. Raises KeyUsedError."""
    now_us, who, digest = clock().now_us(), name_of(request), _digest(request)
    KeptAnswer.objects.filter(at_us__lt=now_us - DAY_US).delete()
    kept = _kept(who, key, digest, now_us)
    if kept.digest != digest:
        raise KeyUsedError("a key of another request", "a new key for each request")
    if kept.status is not None:
        answer: dict[str, Any] = json.loads(bytes(kept.body))
        return answer
    try:
        answer = do()
    except BaseException:
        kept.delete()
        raise
    kept.status, kept.body = 200, json.dumps(answer).encode()
    kept.save(update_fields=["status", "body"])
    return answer


def _kept(who: str, key: str, digest: str, now_us: int) -> KeptAnswer:
    """The row of this key: made now, or made before. Raises KeyUsedError where it is at work."""
    try:
        with transaction.atomic():
            return KeptAnswer.objects.create(who=who, key=key, digest=digest, at_us=now_us)
    except IntegrityError:
        kept = KeptAnswer.objects.get(who=who, key=key)
    if kept.status is None and kept.digest == digest:
        # who began it may be gone with its process: after a minute it is taken over
        stale = KeptAnswer.objects.filter(pk=kept.pk, at_us__lte=now_us - MINUTE_US)
        if not stale.update(at_us=now_us):
            raise KeyUsedError("a request that is being worked on", "the same request later")
    return kept


def _digest(request: HttpRequest) -> str:
    try:
        body = request.body
    except RawPostDataException:  # a form in parts that was read already: its fields
        body = request.POST.urlencode().encode()
    said = f"{request.method} {request.get_full_path()}\n".encode() + body
    return hashlib.sha256(said).hexdigest()
