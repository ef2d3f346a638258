"""A sheet as PDF, where the optional library is there (WeasyPrint, which needs libpango)."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any, Final

from django.contrib.staticfiles import finders

LIBRARY: Final = "weasyprint"
STYLES: Final = ("console/tokens.css", "console/shows.css", "console/paper.css")


def library() -> ModuleType | None:
    """The library; None where it, or what it needs of the system, is not installed."""
    try:
        return import_module(LIBRARY)
    except (ImportError, OSError):  # OSError: the package is there and libpango is not
        return None


def styles() -> str:
    """The style sheets that a printed sheet goes by, in one text."""
    paths = [finders.find(name) for name in STYLES]
    found = []
    for path in paths:
        with open(str(path), encoding="utf-8") as file:  # noqa: PTH123 - finders give text
            found.append(file.read())
    return "\n".join(found)


def written(html: str) -> bytes | None:
    """The PDF of a whole page; None where there is no library. Nothing is fetched for it."""
    found = library()
    if found is None:
        return None
    made: bytes = found.HTML(string=html, url_fetcher=_nothing).write_pdf()
    return made


def _nothing(url: str, *_args: Any, **_more: Any) -> Any:
    raise ValueError(f"a sheet is complete in itself: {url[:40]}")
