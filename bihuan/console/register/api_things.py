"""Devices, rosters, areas, parties and organisations over the API, as on their pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import Http404, HttpRequest
from ninja import Query, Router

from bihuan.base.time import DAY_US, HOUR_US, rfc3339, us_of
from bihuan.console.access import cursor as cursors
from bihuan.console.home import keys
from bihuan.console.register import (
    area_pages,
    device_pages,
    organisation_deeds,
    organisation_pages,
    party_deeds,
    party_pages,
    roster_deeds,
    roster_pages,
)
from bihuan.console.register.api_shared import (
    MOST,
    Answer,
    Cursor,
    DeedIn,
    DoneOut,
    Id,
    Key,
    Limit,
    ListOut,
    OneOut,
    acts_of,
    do,
    official_of,
    reach_of,
)
from bihuan.console.register.cells import Names, Wanted
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach, log_row, official_or_404
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register.areas.spans import area_at
from bihuan.register.devices.health import health_of
from bihuan.register.models import Area, Device, Post
from bihuan.register.organisations.models import Organisation
from bihuan.register.organisations.read import members_at
from bihuan.register.parties.models import Party
from bihuan.register.rosters.models import Roster
from bihuan.register.rosters.on_duty import shifts

router = Router(tags=["register"])


@router.get("/devices", response=ListOut)
def list_devices(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Answer:
    """Devices with their health; `state`, `number` and `h` (silent after hours) as on the page."""
    reach = official_of(request)
    asked = device_pages.asked_of(request)
    rows, onward = cursors.page(device_pages.devices_of(reach, asked), "devices", cursor, limit)
    health = health_of([one.id for one in rows], reach.now_us, asked.hours * HOUR_US)
    found = [_device(one) | _health(health[one.id]) for one in rows]
    return {"rows": found, "next": onward}


@router.post("/devices", response=DoneOut)
def adopt_device(request: HttpRequest, body: DeedIn, key: Key) -> Answer:
    """Adopt a device: `protocol`, `number`, `model`."""
    reach = official_or_404(request)
    deeds = [device_pages.adoption(reach, "")] if reach.may_keep_some("act") else []
    return do(request, reach, deeds, body, key)


@router.get("/devices/{device_id}", response=OneOut)
def open_device(request: HttpRequest, device_id: Id) -> Answer:
    """One device, whose it is, and what may be done with it."""
    reach = reach_of(request)
    device, subject = device_pages.device_or_404(reach, device_id)
    log_row(reach, "device", device.id, device.subject_id)
    health = health_of([device.id], reach.now_us, device_pages.SILENT_H * HOUR_US)[device.id]
    deeds = device_pages.deeds_of(reach, device, subject)
    return {"thing": _device(device) | _health(health), "acts": acts_of(deeds)}


@router.post("/devices/{device_id}/acts", response=DoneOut)
def act_on_device(request: HttpRequest, device_id: Id, body: DeedIn, key: Key) -> Answer:
    """Give out, take back, note a SIM or a calibration; an order where the line takes one."""
    reach = Reach(request)
    device, subject = device_pages.device_or_404(reach, device_id)
    return do(request, reach, device_pages.deeds_of(reach, device, subject), body, key)


def _device(one: Device) -> Answer:
    return {
        "id": one.id,
        "protocol": one.protocol,
        "number": one.number,
        "model": one.model,
        "subject_id": one.subject_id,
    }


def _health(seen: Any) -> Answer:
    last = rfc3339(seen.last_us) if seen.last_us is not None else None
    return {"health": seen.state, "last_heard": last, "battery": seen.battery}


@router.get("/rosters", response=ListOut)
def list_rosters(request: HttpRequest, cursor: Cursor = None, limit: Limit = MOST) -> Answer:
    """Every roster in reach that holds, by area."""
    placed = roster_pages.placed_rosters(official_of(request))
    found, onward = cursors.page_by(placed, _by_area, "rosters", cursor, limit)
    rows = [
        {
            "id": one.id,
            "title": one.title,
            "role": one.role,
            "area_id": one.area_id,
            "is_waking": one.is_waking,
        }
        for _path, one in found
    ]
    return {"rows": rows, "next": onward}


def _by_area(placed: tuple[str, Roster]) -> tuple[int | str, ...]:
    return placed[0], placed[1].id


@router.post("/rosters", response=DoneOut)
def make_roster(request: HttpRequest, body: DeedIn, key: Key) -> Answer:
    """Make a roster: `title`, `role`, `area`, `waking`."""
    reach = official_or_404(request)
    deeds = [roster_deeds.making(reach)] if reach.may_keep_some("act") else []
    return do(request, reach, deeds, body, key)


@router.get("/rosters/{roster_id}/shifts", response=ListOut)
def roster_shifts(
    request: HttpRequest,
    roster_id: Id,
    since: datetime | None = None,
    days: Annotated[int, Query(ge=1, le=92)] = 7,
) -> Answer:
    """Who has which shift from a moment on (now, unless it is said); a gap has no people."""
    reach = reach_of(request)
    roster = roster_pages.roster_or_404(reach, roster_id)
    from_us = us_of(since.astimezone()) if since is not None else reach.now_us
    rows = [
        {
            "shift": s.shift,
            "from": rfc3339(s.from_us),
            "until": rfc3339(s.until_us),
            "people": list(s.people),
        }
        for s in shifts(Rows(MAIN), roster, (from_us, from_us + days * DAY_US))
    ]
    return {"rows": rows, "next": None}


@router.post("/rosters/{roster_id}/acts", response=DoneOut)
def act_on_roster(request: HttpRequest, roster_id: Id, body: DeedIn, key: Key) -> Answer:
    """Follow a pattern, cover a shift, ask for and answer a swap, close."""
    reach = Reach(request)
    roster = roster_pages.roster_or_404(reach, roster_id)
    return do(request, reach, roster_deeds.roster_deeds(reach, roster), body, key)


@router.get("/areas", response=ListOut)
def list_areas(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Answer:
    """Areas in reach that stand."""
    found = area_pages.areas_of(official_of(request)).filter(until_us=None)
    rows, onward = cursors.page(found, "areas", cursor, limit)
    return {"rows": [_area(one) for one in rows], "next": onward}


@router.post("/areas", response=DoneOut)
def new_area(request: HttpRequest, body: DeedIn, key: Key) -> Answer:
    """Register an area, or a list of codes."""
    reach = official_or_404(request)
    deeds = area_pages.new_areas(reach, "") if reach.keeps_areas else []
    return do(request, reach, deeds, body, key)


@router.get("/areas/{area_id}", response=OneOut)
def open_area(request: HttpRequest, area_id: Id, at: datetime | None = None) -> Answer:
    """One area as it is, or as it was at a moment."""
    reach = reach_of(request)
    area = area_pages.area_or_404(reach, area_id)
    thing = _area(area)
    if at is not None:
        was = area_at(Rows(MAIN), area.id, us_of(at.astimezone()))
        thing = (
            {}
            if was is None
            else {
                "id": area.id,
                "code": was.code,
                "name": was.name,
                "latin": was.latin,
                "level": was.level,
                "parent_id": was.parent_id,
            }
        )
    deeds = area_pages.deeds_of(reach, area) if area.until_us is None else []
    return {"thing": thing, "acts": acts_of(deeds)}


@router.post("/areas/{area_id}/acts", response=DoneOut)
def act_on_area(request: HttpRequest, area_id: Id, body: DeedIn, key: Key) -> Answer:
    """Change an area, or merge it into another."""
    reach = Reach(request)
    area = area_pages.area_or_404(reach, area_id)
    return do(request, reach, area_pages.deeds_of(reach, area), body, key)


def _area(one: Area) -> Answer:
    return {
        "id": one.id,
        "code": one.code,
        "name": one.name,
        "latin": one.latin,
        "level": one.level,
        "parent_id": one.parent_id,
        "successor_id": one.successor_id,
    }


@router.get("/parties", response=ListOut)
def list_parties(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Answer:
    """Parties in reach; people masked."""
    found = party_pages.parties_of(official_of(request)).filter(survivor_id=None)
    rows, onward = cursors.page(found, "parties", cursor, limit)
    return {"rows": _parties(rows, masked=True), "next": onward}


@router.post("/parties", response=DoneOut)
def new_party(request: HttpRequest, body: DeedIn, key: Key) -> Answer:
    """Register a person (`person`) or another party (`other`)."""
    reach = official_or_404(request)
    deeds = party_deeds.new_parties(reach) if reach.may_keep_some() else []
    return do(request, reach, deeds, body, key)


@router.get("/parties/{party_id}", response=OneOut)
def open_party(request: HttpRequest, party_id: Id) -> Answer:
    """One party, opened; who looked is recorded."""
    reach = reach_of(request)
    party = party_pages.party_or_404(reach, party_id)
    log_row(reach, "party", party.id, party.id)
    thing = _parties([party], masked=False)[0] | {"address": keys().open(party.address)}
    return {"thing": thing, "acts": acts_of(party_deeds.deeds_of(reach, party))}


@router.post("/parties/{party_id}/acts", response=DoneOut)
def act_on_party(request: HttpRequest, party_id: Id, body: DeedIn, key: Key) -> Answer:
    """Rename, move, note a death, a household's members, merge, undo it."""
    reach = Reach(request)
    party = party_pages.party_or_404(reach, party_id)
    return do(request, reach, party_deeds.deeds_of(reach, party), body, key)


def _parties(rows: Sequence[Party], *, masked: bool) -> list[Answer]:
    wanted = Wanted()
    wanted.people = {one.id for one in rows if one.kind == "person"}
    wanted.parties = {one.id for one in rows if one.kind != "person"}
    names = Names(wanted, masked=masked)
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "name": names.person(one.id) if one.kind == "person" else names.party(one.id),
            "code": one.code,
            "area_id": one.area_id,
            "survivor_id": one.survivor_id,
        }
        for one in rows
    ]


@router.get("/organisations", response=ListOut)
def list_organisations(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> Answer:
    """Organisations in reach that stand."""
    found = organisation_pages.organisations_of(official_of(request)).filter(until_us=None)
    rows, onward = cursors.page(found, "organisations", cursor, limit)
    return {"rows": [_body(one) for one in rows], "next": onward}


@router.post("/organisations", response=DoneOut)
def new_organisation(request: HttpRequest, body: DeedIn, key: Key) -> Answer:
    """Register an organisation, or appoint somebody for an area (`post`)."""
    reach = official_or_404(request)
    deeds = [organisation_deeds.registering(reach), organisation_deeds.post_for_area(reach)]
    return do(request, reach, deeds if reach.may_keep_some() else [], body, key)


@router.get("/organisations/{organisation_id}", response=OneOut)
def open_organisation(request: HttpRequest, organisation_id: Id) -> Answer:
    """One organisation with its members and posts."""
    reach, body, deeds = _organisation(request, organisation_id)
    posts = Post.objects.using(MAIN).filter(organisation_id=body.id, until_us=None)
    thing = _body(body) | {
        "members": [one.person_id for one in members_at(body.id, reach.now_us)],
        "posts": [{"person_id": one.person_id, "role": one.role} for one in posts],
    }
    return {"thing": thing, "acts": acts_of(deeds)}


@router.post("/organisations/{organisation_id}/acts", response=DoneOut)
def act_on_organisation(
    request: HttpRequest, organisation_id: Id, body: DeedIn, key: Key
) -> Answer:
    """Appoint, release, change, end."""
    reach, _it, deeds = _organisation(request, organisation_id)
    return do(request, reach, deeds, body, key)


def _organisation(request: HttpRequest, body_id: int) -> tuple[Reach, Organisation, list[Deed]]:
    reach = reach_of(request)
    body = organisation_pages.organisations_of(reach).filter(id=body_id).first()
    if body is None:
        raise Http404
    members = list(members_at(body.id, reach.now_us))
    posts = list(Post.objects.using(MAIN).filter(organisation_id=body.id, until_us=None))
    names = Names(Wanted(), masked=False)
    return reach, body, organisation_deeds.deeds_of(reach, body, members, posts, names)


def _body(one: Organisation) -> Answer:
    return {
        "id": one.id,
        "kind": one.kind,
        "name": one.name,
        "latin": one.latin,
        "area_id": one.area_id,
        "parent_id": one.parent_id,
    }
