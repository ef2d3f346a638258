"""Words of a document and of a query as tokens: pure text, no key and no table here.

c:王 c:王桂     Han characters and their pairs
i:w i:wg       initials of pinyin and their pairs, of every reading (弄: l and n)
l:wang         Latin words and their beginnings of 2 to 8 letters
k:330402       codes: beginnings of 2 to 18 characters, ends of 4 to 6
t:4321         ends of telephone numbers, of 4 to 11 digits
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise, product
from typing import NamedTuple

from pypinyin import Style, pinyin

HAN = re.compile(r"[㐀-鿿豈-﫿]+")
LATIN = re.compile(r"[a-z]+")
CODE = re.compile(r"[0-9a-z][0-9a-z_./-]*")
LEAST_TAIL, MOST_TAIL = 4, 11
MOST_QUERY, MOST_WORDS = 64, 4


class Document(NamedTuple):
    """What a row can be found by. All texts are clear; nothing of it is stored."""

    names: tuple[str, ...]
    latin: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


Alternative = frozenset[str]


@lru_cache(maxsize=20_000)
def initials(character: str) -> frozenset[str]:
    """First letters of every reading of one character."""
    readings = pinyin(character, heteronym=True, style=Style.NORMAL)[0]
    return frozenset(r[0] for r in readings if r and r[0].isascii() and r[0].isalpha())


def of_document(document: Document) -> set[str]:
    """Every token by which a document is found."""
    found: set[str] = set()
    for name in document.names:
        for run in HAN.findall(name):
            found |= {f"c:{c}" for c in run} | {f"c:{a}{b}" for a, b in pairwise(run)}
            letters = [initials(c) for c in run]
            found |= {f"i:{i}" for some in letters for i in some}
            found |= {f"i:{a}{b}" for x, y in pairwise(letters) for a, b in product(x, y)}
    for text in (*document.latin, *document.names):
        for word in LATIN.findall(text.lower()):
            found |= {f"l:{word[:n]}" for n in range(2, min(len(word), 8) + 1)}
    for code in document.codes:
        found |= set(_of_code(code.lower()))
    for phone in document.phones:
        digits = _digits(phone)
        most = min(len(digits), MOST_TAIL)
        found |= {f"t:{digits[-n:]}" for n in range(LEAST_TAIL, most + 1)}
    return found


def _of_code(code: str) -> Iterator[str]:
    for n in range(2, min(len(code), 18) + 1):
        yield f"k:{code[:n]}"
    for n in range(4, min(len(code), 6) + 1):
        yield f"k:{code[-n:]}"


def _digits(phone: str) -> str:
    return "".join(c for c in phone if c.isdigit())


def words(query: str) -> list[str]:
    """The words of a query, at most four; lower case."""
    return query.strip().lower()[:MOST_QUERY].split()[:MOST_WORDS]


def of_word(word: str) -> list[Alternative]:
    """Ways in which a word may be meant: each a set of tokens that all must be there."""
    runs = HAN.findall(word)
    if runs:
        pairs = [f"c:{a}{b}" for run in runs for a, b in pairwise(run)]
        singles = [f"c:{run}" for run in runs if len(run) == 1]
        return [frozenset(pairs + singles)]
    found: list[Alternative] = []
    if word.isalpha() and word.isascii():
        pairs = [f"i:{a}{b}" for a, b in pairwise(word)] or [f"i:{word}"]
        found.append(frozenset(pairs))
        if len(word) >= 2:
            found.append(frozenset({f"l:{word[:8]}"}))
    if CODE.fullmatch(word) and len(word) >= 2:
        found.append(frozenset({f"k:{word[:18]}"}))
    digits = _digits(word)
    if len(digits) >= LEAST_TAIL and re.fullmatch(r"\+?[0-9-]+", word):
        found.append(frozenset({f"t:{digits[-MOST_TAIL:]}"}))
    return found


def rank(document: Document, query: str) -> int | None:
    """How well a document answers a query: 0 is best, None = not at all."""
    ranks = [_rank(document, word) for word in words(query)]
    known = [r for r in ranks if r is not None]
    return max(known) if known and len(known) == len(ranks) else None


def _rank(document: Document, word: str) -> int | None:
    exact = (*document.names, *document.codes, *document.phones)
    if word in (text.lower() for text in exact):
        return 0
    if HAN.search(word):
        return _within(document.names, word)
    found = [
        _within(document.codes, word, is_prefix_or_tail=True),
        _latin(document, word),
        1 if any(spells(name, word) for name in document.names) else None,
        _tail(document.phones, word),
    ]
    known = [r for r in found if r is not None]
    return min(known) if known else None


def _within(texts: Iterable[str], word: str, *, is_prefix_or_tail: bool = False) -> int | None:
    places = [text.lower().find(word) for text in texts]
    if any(place == 0 for place in places):
        return 1
    if is_prefix_or_tail:
        return 2 if any(text.lower().endswith(word) for text in texts) else None
    return 2 if any(place > 0 for place in places) else None


def _latin(document: Document, word: str) -> int | None:
    if len(word) < 2:  # one letter is an initial: every other name would begin with it
        return None
    found = [w for text in (*document.latin, *document.names) for w in LATIN.findall(text.lower())]
    return 1 if any(w.startswith(word) for w in found) else None


def _tail(phones: Iterable[str], word: str) -> int | None:
    digits = _digits(word)
    if len(digits) < LEAST_TAIL:
        return None
    return 1 if any(_digits(phone).endswith(digits) for phone in phones) else None


def spells(name: str, letters: str) -> bool:
    """Whether letters are the initials of neighbouring characters of a name, in any reading."""
    for run in HAN.findall(name):
        for start in range(len(run) - len(letters) + 1):
            part = run[start : start + len(letters)]
            if all(i in initials(c) for c, i in zip(part, letters, strict=True)):
                return True
    return False
