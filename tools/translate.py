"""Chinese is the source, English is complete: extract, update, compile and check without gettext.

    python -m tools.translate            writes django.po and django.mo anew
    python -m tools.translate --check    names every fault; exit 1 where there is one

Words come from `{% translate %}`, `{% blocktranslate %}`, `_("…")` in templates and from the
gettext functions in Python. Scripts have no words of their own: the page hands them over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from bihuan.base.errors import Fault
from tools.untranslated import HAN, KEPT_CHINESE, untranslated

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "bihuan"
CATALOG = SOURCES / "console" / "locale" / "en" / "LC_MESSAGES" / "django.po"
# a fixed date, so that the same words give the same file
DATED = datetime(2026, 1, 1, tzinfo=UTC)
HEADER = "# The English of Bihuan. Chinese is the source; `python3 dev.py docs` keeps this file."
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]|\{\w*\}|%%")


@dataclass(frozen=True, slots=True)
class Words:
    """One text to translate: its forms (plural second), its context and the file it is from."""

    forms: tuple[str, ...]
    context: str | None
    place: str


def source_files(folder: Path) -> Iterator[Path]:
    """Every file whose words are shown, in the order of their paths."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if "tests" in parts or "migrations" in parts:
            continue
        is_template = path.suffix == ".html" or (path.suffix == ".txt" and "templates" in parts)
        if path.suffix in (".py", ".js", ".mjs") or is_template:
            yield path


def words_of(path: Path, place: str) -> Iterator[Words]:
    """The texts to translate of one template or Python file, in order."""
    if path.suffix in (".js", ".mjs"):
        return
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # templatize keeps the lines of the page; Python's tokenizer wants them unindented
        text = "\n".join(line.lstrip() for line in templatize(text, origin=place).split("\n"))
    for _line, message, _comments, context in extract(
        "python", BytesIO(text.encode()), keywords=KEYWORDS
    ):
        forms = (message,) if isinstance(message, str) else tuple(message)
        yield Words(forms, context, place)


def all_words(folder: Path = SOURCES) -> list[Words]:
    """Every text to translate below a folder."""
    return [
        words
        for path in source_files(folder)
        for words in words_of(path, path.relative_to(folder.parent).as_posix())
    ]


def updated(old: Catalog, words: list[Words]) -> Catalog:
    """The catalog of exactly these words; a text that was reworded keeps its English as fuzzy."""
    template = Catalog()
    for one in words:
        id_ = one.forms[0] if len(one.forms) == 1 else one.forms
        template.add(id_, locations=[(one.place, 0)], context=one.context)
    old.update(template, update_creation_date=False)
    old.obsolete.clear()
    return old


def read(path: Path) -> Catalog:
    """The catalog as stored; an empty one where there is none."""
    catalog = Catalog(locale="en")
    if path.exists():
        catalog = read_po(BytesIO(path.read_bytes()), locale="en")
    catalog.project, catalog.version, catalog.header_comment = "Bihuan", "", HEADER
    catalog.creation_date = catalog.revision_date = DATED
    catalog.fuzzy = False
    return catalog


def po_bytes(catalog: Catalog) -> bytes:
    """The .po file: one line a text, files without line numbers, so that changes read well."""
    out = BytesIO()
    write_po(out, catalog, width=0, include_lineno=False)
    return out.getvalue()


def mo_bytes(catalog: Catalog) -> bytes:
    """The compiled .mo file, which a machine without Babel reads."""
    out = BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def message_faults(catalog: Catalog) -> Iterator[Fault]:
    """Texts whose English is missing, fuzzy, still Chinese, or has other placeholders."""
    for message in catalog:
        if not message.id:
            continue
        ids, english = _forms(message.id), _forms(message.string)
        name = f"English of {ids[0]!r}"
        if not all(english):
            yield Fault(name, "nothing", "every form translated")
        elif message.fuzzy:
            yield Fault(name, f"fuzzy {english[0]!r}", "English that a person has read; drop fuzzy")
        elif HAN.search(KEPT_CHINESE.sub("", "".join(english))):
            yield Fault(name, repr(english[0]), "English")
        else:
            yield from _placeholder_faults(name, ids[-1], english)


def _forms(text: object) -> list[str]:
    """The singular, and the plural where there is one; an untranslated form is empty."""
    forms = text if isinstance(text, list | tuple) else [text]
    return ["" if form is None else str(form) for form in forms]


def _placeholder_faults(name: str, source: str, english: list[str]) -> Iterator[Fault]:
    """The last form has the source's placeholders; the singular may leave its number out."""
    want = sorted(_PLACEHOLDER.findall(source))
    for n, form in enumerate(english):
        got = sorted(_PLACEHOLDER.findall(form))
        is_singular = n == 0 and len(english) > 1
        if got != want and not (is_singular and set(got) <= set(want)):
            yield Fault(f"{name} placeholders", " ".join(got) or "none", " ".join(want) or "none")


def faults(folder: Path = SOURCES, po: Path = CATALOG) -> Iterator[Fault]:
    """Everything wrong with the words of a folder and their catalog."""
    catalog = read(po)
    mo = po.with_suffix(".mo")
    words = all_words(folder)
    used = {(one.forms[0], one.context) for one in words} | {("", None)}
    for message in [*catalog, *catalog.obsolete.values()]:
        if ((source := _forms(message.id)[0]), message.context) not in used:
            yield Fault(f"English of {source!r}", "obsolete", "only texts in use")
    wanted = po_bytes(updated(read(po), words))
    if not po.exists() or po.read_bytes() != wanted:
        yield Fault(po.name, "not what the sources say", "`python3 dev.py docs` run and committed")
    if not mo.exists() or mo.read_bytes() != mo_bytes(catalog):
        yield Fault(mo.name, "not what django.po says", "`python3 dev.py docs` run and committed")
    yield from message_faults(updated(catalog, words))
    for path in source_files(folder):
        yield from untranslated(path, path.relative_to(folder.parent).as_posix())


def write(folder: Path = SOURCES, po: Path = CATALOG) -> None:
    """Write .po and .mo anew from the sources; what was translated stays."""
    po.parent.mkdir(parents=True, exist_ok=True)
    po.write_bytes(po_bytes(updated(read(po), all_words(folder))))
    po.with_suffix(".mo").write_bytes(mo_bytes(read(po)))


def main(words: list[str]) -> int:
    """Exit 0 good, 1 a fault, 2 wrong use."""
    if words not in ([], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    if not words:
        write()
    found = list(faults())
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found and words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
