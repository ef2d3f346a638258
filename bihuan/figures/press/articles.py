"""The articles of a page: their text, type, headline, byline, and whether they are all there."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.figures.press.blocks import Kind, Piece, opens_article, opens_dated, pieces
from bihuan.figures.press.gaps import Body, is_picture, names_role, share
from bihuan.figures.press.page import Block, Span, spaced, undoubled

_BOXES = {Kind.AD: "advertisement", Kind.WEATHER: "weather"}
_NOTICE = re.compile(r"(?:公告|公示|启事|声明|通告|招租|停[电水]通知|停[电水]预告)$")
_HEREBY = re.compile(r"特此(?:公告|通告|通知|公示|声明)[。！]?")
_OPINION = re.compile(r"述评|评论|短评|时评|社论|快评|锐评|论坛")


@dataclass(frozen=True, slots=True)
class Article:
    """One article, its body as the file's characters in reading order.

    type: news, feature, commentary, photo, notice, advertisement, weather
    """

    id: str
    type: str
    headline: str | None
    byline: str | None
    body: tuple[Span, ...]
    is_complete: bool

    def as_dict(self) -> dict[str, object]:
        """The object of cli.md."""
        return {
            "kind": "article",
            "id": self.id,
            "type": self.type,
            "headline": self.headline,
            "byline": self.byline,
            "body": [list(span) for span in self.body],
            "complete": self.is_complete,
        }


def articles(text: str) -> list[Article]:
    """Separate a page into its articles, in the order in which their text begins."""
    bodies, gaps, parents = _bodies(pieces(text))
    share(bodies, gaps)
    whole = _merged(bodies, parents)
    return [_article(f"a{number}", body) for number, body in enumerate(whole, 1)]


def _bodies(found: list[Piece]) -> tuple[list[Body], list[list[Piece]], list[int]]:
    """Runs of body, what stands between them, and which earlier run each one continues."""
    bodies: list[Body] = []
    gaps: list[list[Piece]] = [[]]
    parents: list[int] = []
    joined: set[int] = set()
    for piece in found:
        box = piece.kind if piece.kind in _BOXES else None
        if piece.kind in (Kind.FURNITURE, Kind.TABLE):
            continue
        if piece.kind is not Kind.BODY and box is None:
            gaps[-1].append(piece)
            continue
        if bodies and not gaps[-1] and bodies[-1].box is box and not _begins(piece, bodies[-1]):
            bodies[-1].blocks.append(piece.block)
            continue
        number = len(bodies)
        onward = number if box else _continued(piece.block, bodies, gaps[-1], joined)
        if onward != number:
            joined.add(onward)
        bodies.append(Body([piece.block], box))
        parents.append(onward)
        gaps.append([])
    return bodies, gaps, parents


def _begins(piece: Piece, before: Body) -> bool:
    """Whether a block right after a body is another article."""
    if before.box:
        return False
    return opens_article(piece.block.text)


def _continued(block: Block, bodies: list[Body], gap: list[Piece], joined: set[int]) -> int:
    """The unfinished run that the block goes on with, or its own number.

    Interleaved columns: it does not open as an article does, nothing says 上接, and its column is
    as wide as the unfinished one's, whose last line broke off without a jump.
    """
    own = len(bodies)
    if opens_dated(block.text) or any(piece.kind is Kind.BACK for piece in gap):
        return own
    for number in range(own - 1, max(-1, own - 5), -1):
        body = bodies[number]
        last = body.blocks[-1]
        if body.box or last.is_finished or number in joined:
            continue
        follows = gap if number == own - 1 else []
        has_jump = any(piece.kind is Kind.ONWARD for piece in follows)
        if not has_jump and abs(last.width - block.width) <= 1:
            return number
    return own


def _merged(bodies: list[Body], parents: list[int]) -> list[Body]:
    """Runs joined to the run that they continue."""
    home: dict[int, Body] = {}
    whole: list[Body] = []
    for number, body in enumerate(bodies):
        parent = parents[number]
        if parent == number:
            home[number] = body
            whole.append(body)
            continue
        into = home[number] = home[parent]
        into.blocks += body.blocks
        into.heads += body.heads
        into.bylines = into.bylines or body.bylines
        into.is_onward = into.is_onward or body.is_onward
    return whole


def _article(name: str, body: Body) -> Article:
    spans = _spans(body.blocks)
    is_whole = body.blocks[-1].is_finished and not body.is_onward and not body.is_back
    return Article(
        id=name,
        type=_type(body),
        headline=None if body.box else _headline(body.heads),
        byline=_byline(body.bylines[0]) if body.bylines else None,
        body=spans,
        is_complete=True if body.box else is_whole,
    )


def _spans(blocks: list[Block]) -> tuple[Span, ...]:
    """Blocks as spans of the file; a byline or headline between two blocks parts them."""
    return tuple((block.start, block.end) for block in blocks)


def _type(body: Body) -> str:
    if body.box:
        return _BOXES[body.box]
    if any(map(is_picture, body.bylines)):
        return "photo"
    if body.is_report:
        return "news"
    is_told = any(_HEREBY.search(block.text) for block in body.blocks)
    if not body.bylines and (
        is_told or any(_NOTICE.search(piece.block.text) for piece in body.heads)
    ):
        return "notice"
    is_opinion = any(_OPINION.search(piece.block.text) for piece in body.heads)
    if is_opinion or (body.bylines and not names_role(body.bylines[0])):
        return "commentary"
    return "feature"


def _headline(heads: list[Piece]) -> str | None:
    """The headline's lines, broken lines joined, decks parted by a blank."""
    decks = [deck for piece in heads for deck in _decks(piece.block)]
    return " ".join(decks) or None


def _decks(block: Block) -> list[str]:
    """Lines of like, small width are one broken headline; a long one is a deck of its own."""
    decks: list[str] = []
    widths: list[int] = []
    for line in block.lines:
        words = spaced(undoubled(line.text))
        if decks and words == decks[-1]:
            continue  # the shadow of a headline, printed as a line of its own
        is_narrow = bool(widths) and " " not in words and max(len(words), widths[-1]) <= 13
        is_broken = is_narrow and " " not in decks[-1] and abs(len(words) - widths[-1]) <= 3
        if decks and (is_broken or words.startswith("—")):
            decks[-1] += words
        else:
            decks.append(words)
        widths.append(len(words))
    return decks


def _byline(piece: Piece) -> str:
    """`记者 甲 通讯员 乙 丙`: the mark gone, spaced words and names closed up."""
    words = re.sub(r"^[■□◆◇●▲△★☆]\s*", "", " ".join(line.text for line in piece.block.lines))
    words = re.sub(
        r"记\s*者", "记者", re.sub(r"通\s*讯\s*员", "通讯员", re.sub(r"摄\s*影", "摄影", words))
    )
    tokens = words.split()
    closed: list[str] = []
    for token in tokens:
        if closed and len(token) == 1 and len(closed[-1]) == 1:
            closed[-1] += token
        else:
            closed.append(token)
    return " ".join(closed)
