"""A warning that came by phone, fax or paper, taken down in the station's own words.

It becomes a CAP message like any other, so that what was taken down and what comes later by CAP
supersede and end each other; who took it down is its source.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.time import Clock, datetime_of, us_of
from bihuan.gateway.formats import cap
from bihuan.gateway.http.warnings import message_of
from bihuan.journal.storage import MAIN
from bihuan.loop.act import ForbiddenError
from bihuan.loop.callout import rights
from bihuan.register.models import Area, County
from bihuan.register.rights import Rights
from bihuan.register.warnings.acts import Taken, receive
from bihuan.register.warnings.colours import SEVERITIES, Colour, colours_told
from bihuan.register.warnings.models import OfficialWarning

Change = Literal["issue", "change", "lift"]
TYPES: Final[dict[str, str]] = {"issue": "Alert", "change": "Update", "lift": "Cancel"}
# of the headline, which is Chinese like all that the station says
VERBS: Final = {
    "issue": ("发布", "issues"),
    "change": ("变更发布", "changes"),
    "lift": ("解除", "lifts"),
}
CODES: Final = "area-code"
_NOT_IN_SENDER = re.compile(r"[\s,<&]+")
MOST_TITLE, MOST_TEXT = 64, 2_000
AHEAD_S: Final = 300


@dataclass(frozen=True, slots=True)
class ByHand:
    """What somebody took down. issued: the station's own time; about: what it changes or lifts.

    colour: where the title does not tell one alone
    """

    change: Change
    issuer: str
    issued: datetime
    title: str
    areas: tuple[int, ...]
    key: str
    text: str = ""
    advice: str = ""
    expires: datetime | None = None
    about: int | None = None
    via: str = "page"
    colour: Colour = ""


def take_down(said: ByHand, mine: Rights, clock: Clock) -> Taken:
    """Record it as the station's message. Raises BadInputError with every bad field."""
    before = _before(said)
    areas = list(Area.objects.using(MAIN).filter(id__in=said.areas, until_us=None).order_by("id"))
    faults = [*_faults(said, before, clock.now_us()), *_area_faults(said, areas)]
    if faults:
        raise BadInputError(*faults)
    if not all(rights.may(mine, "act", area.path) for area in areas):
        raise ForbiddenError
    document = cap.write(_alert(said, before, areas, mine.person_id))
    source = f"by hand person:{mine.person_id}"
    return receive(message_of(cap.parse(document), document, source), clock)


def _before(said: ByHand) -> OfficialWarning | None:
    if said.change == "issue":
        return None
    found = OfficialWarning.objects.using(MAIN).filter(id=said.about or 0).first()
    if found is None or found.state == "message":
        raise bad("about", said.about or "nothing", "the warning that this changes or lifts")
    return found


def _faults(said: ByHand, before: OfficialWarning | None, now_us: int) -> list[Fault]:
    is_aware = said.issued.tzinfo is not None
    issuer = before.sender_name or before.sender if before is not None else said.issuer.strip()
    wanted = (
        (bool(said.issuer.strip()), "issuer", "nothing", "the station's name"),
        (
            said.issuer.strip() == issuer,
            "issuer",
            said.issuer,
            f"{issuer}: only it changes its own",
        ),
        (len(said.issuer) <= 128, "issuer", f"{len(said.issuer)} characters", "at most 128"),
        (
            0 < len(said.title.strip()) <= MOST_TITLE,
            *("title", f"{len(said.title.strip())} characters", f"1 to {MOST_TITLE}"),
        ),
        (len(said.text) <= MOST_TEXT, "text", f"{len(said.text)} characters", "at most 2000"),
        (len(said.advice) <= MOST_TEXT, "advice", f"{len(said.advice)} characters", "at most 2000"),
        (
            is_aware and us_of(said.issued) <= now_us + AHEAD_S * 1_000_000,
            *("issued", said.issued.isoformat(), "the station's time, with its offset, not ahead"),
        ),
        (
            said.expires is None
            or (is_aware and said.expires.tzinfo is not None and said.expires > said.issued),
            *("expires", str(said.expires), "a time after it was issued"),
        ),
    )
    found = [Fault(name, str(got), want) for is_good, name, got, want in wanted if not is_good]
    return [*found, *_colour_faults(said)]


def _colour_faults(said: ByHand) -> list[Fault]:
    """What is lifted needs no colour; else the title tells one, or who takes it down says it."""
    told = sorted(colours_told(said.title))
    if said.change == "lift" or not said.title.strip():
        return []
    if said.colour and told and said.colour not in told:
        return [Fault("colour", said.colour, f"{' or '.join(told)}: the title says so")]
    if said.colour or len(told) == 1:
        return []
    got = " and ".join(told) or "no colour in the title"
    return [Fault("colour", got, "the signal's colour, chosen: the title does not tell one alone")]


def _severity(said: ByHand) -> str:
    told = colours_told(said.title)
    return SEVERITIES[said.colour or (told.pop() if len(told) == 1 else "none")]


def _area_faults(said: ByHand, areas: list[Area]) -> list[Fault]:
    missing = sorted(set(said.areas) - {area.id for area in areas})
    if said.areas and not missing:
        return []
    return [Fault("areas", str(missing or "none"), "areas of the county as it is now")]


def _alert(
    said: ByHand, before: OfficialWarning | None, areas: list[Area], person_id: int
) -> cap.Alert:
    county = County.objects.using(MAIN).first()
    is_live = county is not None and county.mode == "live"
    sender = before.sender if before is not None else _NOT_IN_SENDER.sub("-", said.issuer.strip())
    mark = hashlib.sha256(f"{person_id}|{said.key}".encode()).hexdigest()[:24]
    info = cap.Info(
        categories=("Met",),
        event=said.title.strip(),
        urgency="Unknown",
        severity=_severity(said),
        certainty="Unknown",
        language="zh-CN",
        expires=said.expires,
        sender_name=said.issuer.strip(),
        headline=_headline(said),
        description=said.text.strip() or None,
        instruction=said.advice.strip() or None,
        areas=tuple(
            cap.Area(area_desc=a.name, geocodes=(cap.NamedValue(CODES, a.code),)) for a in areas
        ),
    )
    return cap.Alert(
        identifier=f"hand-{mark}",
        sender=sender,
        sent=said.issued.replace(microsecond=0),
        status="Actual" if is_live else "Exercise",
        msg_type=TYPES[said.change],
        scope="Public",
        references=(_reference(before),) if before is not None else (),
        infos=(info,),
    )


def _headline(said: ByHand) -> str:
    return f"{said.issuer.strip()}{VERBS[said.change][0]}{said.title.strip()}"


def _reference(before: OfficialWarning) -> cap.Reference:
    return cap.Reference(before.sender, before.identifier, datetime_of(before.sent_us))
