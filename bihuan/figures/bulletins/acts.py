"""Beginning, writing, issuing and withdrawing bulletins: checked, one transaction each.

A text is saved with what its figures said at that moment. Issuing asks them once more: where one
says something else by now, the editor has to look first. Who wrote does not issue: a second person
who may act for figures does. An issued text is locked; a later one replaces it as the next version,
with the reason, and both stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from itertools import takewhile
from typing import Final, Literal, NamedTuple

import msgspec

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import DAY_US, Clock, rfc3339
from bihuan.figures.bulletins import check, entries, text
from bihuan.figures.bulletins.draft import drafted
from bihuan.figures.bulletins.models import Bulletin, BulletinText
from bihuan.figures.bulletins.source import Asked
from bihuan.figures.published.rights import FIGURES
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.loop.act import ForbiddenError, TakenError
from bihuan.register.entries import Actor
from bihuan.register.models import Area
from bihuan.register.rights import Verb, for_user

MOST_REASON: Final = 500
MOST_AHEAD_US: Final = 92 * DAY_US
PERIOD: Final = re.compile(
    r"\d{4}(?:-(?:0[1-9]|1[0-2]))?(?:\.\.\d{4}-(?:0[1-9]|1[0-2]))?|\d{4}-(?:W\d{2}|Q[1-4]|H[12])"
    r"|\d{4}-\d\d-\d\d(?:\.\.\d{4}-\d\d-\d\d)?"
)


class NewBulletin(NamedTuple):
    """A bulletin to be begun: figures are those that its first text names."""

    area_id: int
    kind: Literal["monthly", "special"]
    period: str
    title: entries.Words
    figures: list[str] = []  # noqa: RUF012 - a NamedTuple's default is never changed


class Draft(NamedTuple):
    """Texts to be saved, with tokens; based_on: the text that the editor started from."""

    zh: str
    en: str
    based_on: int


class Desk:
    """Acts of who may edit figures; every call raises ForbiddenError for others."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def begin(self, new: NewBulletin, by: Actor) -> int:
        """Begin a bulletin with a first text that says each figure in a sentence; its id."""
        with Appender(FACTS_LANE, self._clock) as lane:
            area = _must(lane, new.area_id, by, "edit")
            faults = _new_faults(new)
            if faults:
                raise BadInputError(*faults)
            asked = Asked()
            first, unknown = drafted(new.figures, area.code, new.period, asked)
            if unknown:
                want = f"a figure known for {new.period}"
                raise BadInputError(*[Fault("figures", one[:60], want) for one in unknown])
            said = entries.BulletinDrafted(
                area_id=new.area_id, kind=new.kind, period=new.period, title=new.title, by=by
            )
            made = lane.append(said).id()
            _write(lane, made, Draft(*first, based_on=0), by, asked)
            return made

    def write(self, bulletin_id: int, draft: Draft, by: Actor) -> int:
        """Save a text; its number. TakenError where somebody else saved one meanwhile."""
        with Appender(FACTS_LANE, self._clock) as lane:
            bulletin = _bulletin(lane, bulletin_id, by)
            if draft.based_on != bulletin.saves:
                last = _text(lane, bulletin_id, bulletin.saves)
                raise TakenError(last.written_by, last.written_us, f"text {last.n}")
            return _write(lane, bulletin_id, draft, by, Asked())

    def issue(self, bulletin_id: int, n: int, release_us: int, reason: str, by: Actor) -> int:
        """Lock the newest text as the next version; its number.

        Refused to whoever wrote since the version before, where a figure says something else by
        now, where a text stands that nobody looked at, and for a later version without a reason.
        """
        with Appender(FACTS_LANE, self._clock) as lane:
            bulletin = _bulletin(lane, bulletin_id, by, "act")
            row = _text(lane, bulletin_id, bulletin.saves)
            if n != bulletin.saves:
                raise TakenError(row.written_by, row.written_us, f"text {row.n}")
            if row.version is not None:
                raise TakenError(row.issued_by, row.issued_us, f"version {row.version}")
            faults = _issue_faults(bulletin, release_us, lane.now_us, reason)
            if by.person_id in writers(lane.rows.where(BulletinText, bulletin_id=bulletin_id)):
                faults.append(Fault("second", "who wrote the text", "a second person to release"))
            faults += [
                Fault("figures", was, f"{now}: it changed, save the text again")
                for was, now in changed(row)
            ]
            if faults:
                raise BadInputError(*faults)
            said = entries.BulletinIssued(
                bulletin_id=bulletin_id,
                version=bulletin.version + 1,
                n=n,
                release_us=release_us,
                reason=reason.strip() or None,
                digest=row.digest,
                by=by,
            )
            lane.append(said)
            return said.version

    def withdraw(self, bulletin_id: int, reason: str, by: Actor) -> None:
        """Take a bulletin back; what was issued stays in its trail."""
        with Appender(FACTS_LANE, self._clock) as lane:
            _bulletin(lane, bulletin_id, by)
            if not 0 < len(reason.strip()) <= MOST_REASON:
                got = f"{len(reason.strip())} characters"
                raise bad("reason", got, f"a reason of 1 to {MOST_REASON} characters")
            said = entries.BulletinWithdrawn(bulletin_id=bulletin_id, reason=reason.strip(), by=by)
            lane.append(said)


def writers(texts: Iterable[BulletinText]) -> set[int]:
    """Who wrote what is not issued yet: the texts since the last version."""
    rows = sorted(texts, key=lambda row: row.n, reverse=True)
    return {row.written_by for row in takewhile(lambda row: row.version is None, rows)}


def bound_of(row: BulletinText) -> dict[str, entries.Bound]:
    """What the figures of a saved text said, by token."""
    found = msgspec.json.decode(row.bound, type=list[entries.Bound])
    return {f"{b.told.figure}:{b.told.area}:{b.told.period}": b for b in found}


def changed(row: BulletinText) -> list[tuple[str, str]]:
    """(what a figure said when the text was saved, what it says now) of those that changed."""
    asked, found = Asked(), list[tuple[str, str]]()
    for key, was in bound_of(row).items():
        now = asked.told(was.told.figure, was.told.area, was.told.period)
        if now is None:
            found.append((key, "not known any more"))
        elif _numbers(now) != _numbers(was.told):
            found.append((f"{key} {was.told.value}", f"{now.value}"))
    return found


def _numbers(told: entries.Told) -> tuple[object, ...]:
    shares = (told.numerator, told.denominator)
    return (told.value, told.qualifier, *shares, told.growth, told.rank, told.is_provisional)


def digest_of(zh: str, en: str, bound: list[entries.Bound]) -> str:
    """What is locked: SHA-256 over both texts and what every figure said, in hex."""
    return hashlib.sha256(msgspec.json.encode([zh, en, bound], order="deterministic")).hexdigest()


def _write(lane: Appender, bulletin_id: int, draft: Draft, by: Actor, asked: Asked) -> int:
    bound = dict[str, entries.Bound]()
    for token in text.tokens(draft.zh) + text.tokens(draft.en):
        held = asked.bound(token.figure, token.area, token.period)
        if held is not None:
            bound[token.key] = held
    faults = check.faults_of(draft.zh, bound, "zh") + check.faults_of(draft.en, bound, "en")
    faults += _unlike(draft)
    if faults:
        raise BadInputError(*faults)
    claims = check.claims_of(draft.zh, bound, "zh")[0] + check.claims_of(draft.en, bound, "en")[0]
    n = draft.based_on + 1
    named = list(bound.values())
    said = entries.BulletinWritten(
        bulletin_id=bulletin_id,
        n=n,
        zh=draft.zh,
        en=draft.en,
        bound=named,
        claims=claims,
        digest=digest_of(draft.zh, draft.en, named),
        by=by,
    )
    lane.append(said)
    return n


def _unlike(draft: Draft) -> list[Fault]:
    """Both languages say the same numbers: a figure named in one only is a fault."""
    zh, en = set(text.tokens(draft.zh)), set(text.tokens(draft.en))
    missing = [("text_en", one) for one in sorted(zh - en)]
    missing += [("text_zh", one) for one in sorted(en - zh)]
    return [Fault(name, f"no {one}", "the numbers of the other language") for name, one in missing]


def _new_faults(new: NewBulletin) -> list[Fault]:
    faults = []
    if not PERIOD.fullmatch(new.period):
        want = "2026-07, 2026-01..2026-07, 2026 or days"
        faults.append(Fault("period", new.period[:40] or "nothing", want))
    for name, words, most in zip(("title_zh", "title_en"), new.title, (120, 200), strict=True):
        if not 0 < len(words.strip()) <= most:
            faults.append(Fault(name, words[:20] or "nothing", f"1 to {most} characters"))
        elif check.HIGH.search(words) or check.LOW.search(words) or check.loose(words):
            faults.append(Fault(name, words[:40], "a title without numbers or claims"))
    if not new.figures:
        faults.append(Fault("figures", "none", "one figure or more"))
    return faults


def _issue_faults(bulletin: Bulletin, release_us: int, now_us: int, reason: str) -> list[Fault]:
    faults = []
    if bulletin.withdrawn_us is not None:
        faults.append(Fault("bulletin", "withdrawn", "one that was not withdrawn"))
    if release_us > now_us + MOST_AHEAD_US:
        faults.append(Fault("release", rfc3339(release_us), "a time within three months"))
    if bulletin.version and not reason.strip():
        faults.append(Fault("reason", "nothing", "why the version before is replaced"))
    if len(reason) > MOST_REASON:
        faults.append(Fault("reason", f"{len(reason)} characters", f"at most {MOST_REASON}"))
    return faults


def _bulletin(lane: Appender, bulletin_id: int, by: Actor, verb: Verb = "edit") -> Bulletin:
    row = lane.rows.get(Bulletin, bulletin_id)
    if row is None:
        raise ForbiddenError
    _must(lane, row.area_id, by, verb)
    if row.withdrawn_us is not None:
        raise TakenError(row.withdrawn_by, row.withdrawn_us, "withdrawn")
    return row


def _text(lane: Appender, bulletin_id: int, n: int) -> BulletinText:
    found = lane.rows.where(BulletinText, bulletin_id=bulletin_id)
    return next(row for row in found if row.n == n)


def _must(lane: Appender, area_id: int, by: Actor, verb: Verb) -> Area:
    area = lane.rows.get(Area, area_id)
    mine = for_user(by.person_id, lane.now_us)
    if area is None or not mine.may(FIGURES, verb, area.path):
        raise ForbiddenError
    return area
