"""Files of an act: stored before it, dropped again where it is refused; documents downloaded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse

from bihuan.base.errors import BadInputError, bad
from bihuan.base.time import DAY_US, MINUTE_US
from bihuan.console.case.inside import is_inside
from bihuan.console.case.parts import document_name
from bihuan.console.home import clock, keys
from bihuan.console.visit import case_or_404, log_view, person_of, signed_in
from bihuan.journal.storage import MAIN
from bihuan.loop import proofs
from bihuan.loop.act import (
    Command,
    ForbiddenError,
    GivenFile,
    ParkedError,
    ProofFile,
    TakenError,
    act,
)
from bihuan.loop.cases.models import Document
from bihuan.loop.models import Case

MOST_NAME = 120
OLDEST_US = 30 * DAY_US
_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,60}")


def folder() -> Path:
    """Where photos and documents lie, sealed."""
    return Path(settings.BIHUAN_DATA) / "proofs"


def photo(file: UploadedFile[bytes], case: Case, place: str, taken: str) -> ProofFile:
    """Keep a photo. Place and time are what the browser said when it was taken, never EXIF."""
    digest, media_type = proofs.store(folder(), case.sealed_for, file.read(), keys())
    return ProofFile(digest, media_type, taken_us(taken), place[:64] or None)


def kept(
    sent: tuple[Sequence[UploadedFile[bytes]], Sequence[UploadedFile[bytes]]],
    case: Case,
    evidence: tuple[str, str],
) -> tuple[tuple[ProofFile, ...], tuple[GivenFile, ...]]:
    """Photos and documents of a form, stored; of a bad one nothing stays.

    sent      (photos, documents)
    evidence  (place, time) as the browser said them when the photo was taken
    """
    photos: list[ProofFile] = []
    papers: list[GivenFile] = []
    try:
        for one in sent[0]:
            photos.append(photo(one, case, *evidence))
        for one in sent[1]:
            papers.append(document(one, case))
    except BadInputError:
        drop(digests_of(photos, papers))
        raise
    return tuple(photos), tuple(papers)


def taken_us(text: str) -> int | None:
    """The browser's time of a photo, ms since 1970; None where it said none that can be true."""
    if not re.fullmatch(r"[0-9]{12,14}", text):
        return None
    at_us, now_us = int(text) * 1_000, clock().now_us()
    return at_us if now_us - OLDEST_US <= at_us <= now_us + 5 * MINUTE_US else None


def document(file: UploadedFile[bytes], case: Case) -> GivenFile:
    """Keep a document of any kind, with its own SHA-256 beside that of the sealed file."""
    content, name = file.read(), (file.name or "").strip()
    if not 0 < len(name) <= MOST_NAME:
        raise bad("files", f"a name of {len(name)} characters", f"1 to {MOST_NAME}")
    said = (file.content_type or "").lower()
    media_type = said if _TYPE.fullmatch(said) else "application/octet-stream"
    digest = proofs.store_document(folder(), case.sealed_for, content, keys())
    own = hashlib.sha256(content).hexdigest()
    return GivenFile(digest, media_type, len(content), name, own)


def done(command: Command) -> int:
    """Act. A file that no entry names is not kept: of a refused step, of one sent twice."""
    stored = digests_of(command.proof, command.files)
    try:
        position = act(command, clock(), keys())
    except (BadInputError, TakenError, ForbiddenError, ParkedError):
        drop(stored)
        raise
    drop(stored - proofs.named_from(position, command.case_id))
    return position


def digests_of(photos: Iterable[ProofFile], papers: Iterable[GivenFile]) -> set[str]:
    """The names under which an act's files are kept."""
    return {one.digest for one in photos} | {one.digest for one in papers}


def drop(digests: Iterable[str]) -> None:
    """Remove stored files that nothing names."""
    for digest in digests:
        proofs.discard(folder(), digest)


@signed_in
def download(request: HttpRequest, case_id: int, document_id: int) -> HttpResponse:
    """A document, for who acts on its case; every download is logged. Never shown in the page."""
    case = case_or_404(request, case_id)
    if not is_inside(case, person_of(request), clock().now_us()):
        raise Http404
    return answer_with(request, case, document_id)


def answer_with(request: HttpRequest, case: Case, document_id: int) -> HttpResponse:
    """A document of a case as a download; logged before it leaves."""
    found = Document.objects.using(MAIN).filter(case_id=case.id, id=document_id).first()
    content = proofs.fetch(folder(), found.digest, keys()) if found is not None else None
    if found is None or content is None:
        raise Http404
    log_view(request, case, "document")
    answer = HttpResponse(content, content_type="application/octet-stream")
    name = quote(document_name(case, found, keys()))
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
