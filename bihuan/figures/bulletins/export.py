"""A paper as a file: HTML, PDF, Word. Where the PDF library is absent HTML comes, and says so."""

from __future__ import annotations

import importlib
from typing import Any, Final, Literal, NamedTuple

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from bihuan.base.errors import bad
from bihuan.figures.bulletins.paper import WORDS, Paper
from bihuan.figures.bulletins.word import document

Format = Literal["html", "pdf", "docx"]
FORMATS: Final = ("html", "pdf", "docx")
TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class Made(NamedTuple):
    """A file. form: what it is; instead_of: what was asked for and could not be made, or ""."""

    form: str
    content: bytes
    instead_of: str = ""


def exported(paper: Paper, form: str) -> Made:
    """The file in this format. Raises BadInputError for a format that there is not."""
    if form == "docx":
        return Made("docx", document(paper))
    html = as_html(paper)
    if form == "html":
        return Made("html", html.encode())
    if form != "pdf":
        raise bad("form", form, " | ".join(FORMATS))
    content = as_pdf(html)
    return Made("html", html.encode(), "pdf") if content is None else Made("pdf", content)


def as_html(paper: Paper) -> str:
    """The paper as one file that loads nothing."""
    at = 0 if paper.head.language == "zh" else 1
    anchors = paper.anchors
    lines = [
        [(one.text, anchors.get(one.token.key, "") if one.token else "") for one in line]
        for line in paper.paragraphs
    ]
    context = {
        "paper": paper,
        "marks": " · ".join(paper.marks),
        "words": {name: pair[at] for name, pair in WORDS.items()},
        "lines": lines,
        # drawn by us from numbers and escaped titles
        "pictures": [(one.title, mark_safe(one.svg)) for one in paper.pictures],  # noqa: S308 - charts.drawn escapes
        "has_provisional": any(one.is_provisional for one in paper.figures),
        "has_published": any(one.is_published for one in paper.figures),
    }
    return render_to_string("bulletins/paper.html", context)


def can_pdf() -> bool:
    """Whether WeasyPrint and the libraries it needs are installed."""
    return _library() is not None


def _library() -> Any:
    try:
        return importlib.import_module("weasyprint")
    except (ImportError, OSError):  # OSError: libpango is not there
        return None


def as_pdf(html: str) -> bytes | None:
    """The same as PDF; None where WeasyPrint or the libraries it needs are not installed."""
    weasyprint = _library()
    if weasyprint is None:
        return None
    made: bytes = weasyprint.HTML(string=html, url_fetcher=_nothing).write_pdf()
    return made


def _nothing(url: str, *_more: object, **_named: object) -> dict[str, object]:
    raise bad("address", url, "a paper that loads nothing")
