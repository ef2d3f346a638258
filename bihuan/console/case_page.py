"""The case page: what, why, who holds it, clocks, ladder, timeline, proof, and what can be done."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.base.ids import position_of
from bihuan.console import words
from bihuan.console.case.calls import folded, rounds
from bihuan.console.case.forms import Forms
from bihuan.console.case.inside import is_inside
from bihuan.console.case.parts import Parts
from bihuan.console.happened import happened
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import Reader, has_family, is_english, kind_word, role_word
from bihuan.console.shows import panels
from bihuan.console.shows.sheets import case_sheets
from bihuan.console.templatetags.shown import day_time
from bihuan.console.visit import (
    case_or_404,
    log_first_view,
    log_view,
    name_of,
    person_behind,
    person_of,
    signed_in,
    subject_of,
)
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.loop import proofs
from bihuan.loop.act import acts_for
from bihuan.loop.cases.sealed import hidden_in, is_hidden
from bihuan.loop.entries import CaseOpened
from bihuan.loop.models import (
    Callee,
    Case,
    CaseClock,
    Delivery,
    Happening,
    Proof,
)
from bihuan.loop.photos import without_metadata
from bihuan.loop.playbook import Act, playbook_of
from bihuan.loop.unsealing.acts import may_unseal
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Contact


@signed_in
def case_page(request: HttpRequest, case_id: int) -> HttpResponse:
    """The whole page. Opening it shows a name and a place, so it is logged."""
    case = case_or_404(request, case_id)
    log_view(request, case, "page")
    return render(request, "console/case.html", case_context(request, case))


@signed_in
def case_live(request: HttpRequest, case_id: int) -> HttpResponse:
    """The part that changes, for an open page whose opening is logged already."""
    case = case_or_404(request, case_id)
    log_first_view(request, case, "fragment")
    return render(request, "console/case_live.html", case_context(request, case))


@signed_in
def proof_file(request: HttpRequest, case_id: int, digest: str) -> HttpResponse:
    """A photo, for those who may see its case."""
    case = case_or_404(request, case_id)
    if not Proof.objects.filter(case_id=case.id, digest=digest).exists():
        raise Http404
    content = proofs.fetch(settings.BIHUAN_DATA / "proofs", digest, keys())
    if content is None:
        raise Http404
    log_first_view(request, case, "photo")
    if not is_inside(case, person_of(request), clock().now_us()):
        content = without_metadata(content)  # what a phone wrote into it is nobody else's
    return HttpResponse(content, content_type=proofs.media_type_of(content))


def case_context(
    request: HttpRequest, case: Case, form: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the case page shows to this person now."""
    now_us, ring, person_id = clock().now_us(), keys(), person_of(request)
    shown = Reader([case], ring, now_us).show(case)
    subject = subject_of(case)
    behind = person_behind(case, subject)
    parts = Parts(case, ring, now_us)
    inside = is_inside(case, person_id, now_us)
    people = _people(case, {behind, *parts.people()}, ring)
    return {
        "now_us": now_us,
        "shown": shown,
        "case": case,
        "people": people,
        "is_inside": inside,
        "name": shown.who if behind is None else name_of(people, subject, behind),
        **parts.show(people, is_inside=inside),
        "phone": people.phone(behind),
        "address": ring.open(subject.address) if subject is not None else None,
        "place": shown.place,
        "contacts": (contacts := _contacts(case, people)),
        "may_report": all(one["person_id"] != person_id for one in contacts),
        "clocks": _clocks(parts.clocks),
        "rounds": rounds(case, people),
        "timeline": _timeline(case, people, ring, (inside, person_id)),
        "proofs": _proofs(case, people, ring),
        "answer": ring.open(case.answer),
        "is_family": has_family(case.scenario, case.cause),
        "detail": signal_detail(case, ring),
        "acts": Forms(case, parts.clocks, parts.links).show(acts_for(case, person_id, now_us)),
        "key": str(uuid.uuid4()),
        "form": form or {},
        "reasons": words.FALSE_ALARM_REASONS,
        "playbook": playbook_of(case.playbook),
        "person_id": person_id,
        "may_unseal": may_unseal(case, person_id, now_us),
        "panels": panels.of_case(request, case),
        "sheets": case_sheets(request, case),
    }


def _people(case: Case, named: set[int | None], ring: KeyRing) -> People:
    wanted: set[int | None] = {*named, case.owner_id}
    wanted |= set(Callee.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    wanted |= set(Happening.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    contacts = Contact.objects.filter(subject_id=case.subject_id or 0)
    wanted |= set(contacts.values_list("person_id", flat=True))
    wanted |= set(Delivery.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    return People(ring, wanted)


def signal_detail(case: Case, ring: KeyRing) -> dict[str, Any] | None:
    """What the signal that opened the case came with, or None: a device's raw frame and its
    decoding, or as `text` what another system posted (then `raw` and `decoded` are empty).
    """
    lane = Entry.objects.using(MAIN).filter(lane=FACTS_LANE)
    opened = lane.filter(position=position_of(case.id)).first()
    if opened is None or opened.body is None:
        return None
    said = decode(opened.type, bytes(opened.body))
    assert isinstance(said, CaseOpened)
    entry = lane.filter(position=said.signal).first()
    if entry is None or entry.body is None:
        return None
    signal = decode(entry.type, bytes(entry.body))
    if not isinstance(signal, SignalReceived):  # opened by what a rule found: there is no frame
        return None
    found = json.loads(ring.open(signal.detail) or "{}")
    if not found:
        return None
    return {
        "position": said.signal,
        "at_us": signal.at_us,
        "recorded_us": entry.recorded_us,
        **_shown_detail(found),
    }


def _shown_detail(found: dict[str, Any]) -> dict[str, Any]:
    if "raw" not in found:
        text = json.dumps(found, ensure_ascii=False, indent=1)
        return {"raw": "", "text": text, "decoded": "", "fix": None}
    return {
        "raw": found["raw"],
        "text": bytes.fromhex(found["raw"]).decode("latin-1"),
        "decoded": json.dumps(found["decoded"], ensure_ascii=False, indent=1),
        "fix": _fix(found),
    }


def _fix(found: dict[str, Any]) -> dict[str, Any] | None:
    """The position of a frame, in WGS-84 where it was received in another datum."""
    position: dict[str, Any] | None = found["decoded"].get("position")
    if position is None or not found.get("wgs84"):
        return position
    lat, lon = found["wgs84"]
    return position | {"lat": lat, "lon": lon}


def _contacts(case: Case, people: People) -> list[dict[str, Any]]:
    found = (
        Contact.objects.using(MAIN).filter(subject_id=case.subject_id or 0).order_by("rank", "id")
    )
    return [
        {
            "person_id": contact.person_id,
            "name": people.name(contact.person_id),
            "phone": people.phone(contact.person_id),
            "relation": words.RELATIONS.get(contact.relation, contact.relation),
        }
        for contact in found
    ]


def _clocks(found: list[CaseClock]) -> list[dict[str, Any]]:
    """The case's own clocks; those of receipts stand with their units."""
    return [
        {
            "word": words.CLOCKS[clock_.kind],
            "state": clock_.state,
            "state_word": words.CLOCK_STATES[clock_.state],
            "due_us": clock_.due_us,
            "ended_us": clock_.ended_us,
            "is_provisional": clock_.is_provisional and clock_.state == "running",
            "is_overdue": clock_.state == "missed" and not clock_.is_over,
        }
        for clock_ in found
        if not clock_.ref
    ]


def _timeline(
    case: Case, people: People, ring: KeyRing, reader: tuple[bool, int]
) -> list[dict[str, Any]]:
    """Every line; what officials write to each other about a matter only to who is inside.

    reader  (whether inside, person id)
    """
    inside, person_id = reader
    hidden = hidden_in(case)
    found = Happening.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    return folded(
        {
            "id": line.id,
            "at_us": line.at_us,
            "word": _line_word(line, case),
            "who": _line_who(line, hidden, people),
            "role": role_word(case.scenario, line.role),
            "text": ring.open(line.text)
            if inside or case.cause != "matter" or line.person_id == person_id
            else "",
            "kind": line.kind,
        }
        for line in found
    )


def _line_who(line: Happening, hidden: Collection[int], people: People) -> str:
    if not line.person_id:
        return ""
    if is_hidden(hidden, line.person_id, line.role):
        return str(words.SEALED)
    return people.name(line.person_id)


def _line_word(line: Happening, case: Case) -> str:
    scenario = case.scenario
    declared = next((act for act in playbook_of(case.playbook).acts if act.name == line.kind), None)
    word = str(happened(line.kind, case.playbook, case.cause))
    extra = ""
    if line.kind == "clock_missed":
        extra = str(words.CLOCKS.get(line.detail or "", line.detail))
    elif line.kind == "closed":
        extra = str(words.OUTCOMES.get(line.detail or "", line.detail))
    elif line.kind == "supervised":
        word = str(words.LEVELS.get(int(line.detail or 0), word))
    elif declared is not None and line.detail:
        extra = _detail(declared, line.detail)
    elif line.kind.startswith("finding_"):
        rule, _, measured = (line.detail or "").partition(" ")
        extra = f"{kind_word(scenario, rule)} {measured}"
    elif line.kind in ("opened", "found") and line.detail == "late":
        extra = str(words.LATE)
    return f"{word} · {extra}" if extra else word


def _detail(declared: Act, detail: str) -> str:
    """What was picked in the act's form, or the day that was promised."""
    chosen = [asked for asked in declared.fields if asked.options]
    if chosen and len(chosen) == len(picks := detail.split(" ")):
        n = 1 if is_english() else 0
        said = [
            dict(asked.options).get(pick, (pick, pick))[n]
            for asked, pick in zip(chosen, picks, strict=True)
        ]
        return (", " if is_english() else "、").join(said)
    return day_time(int(detail)) if declared.verb == "promise" and detail.isdecimal() else ""


def _proofs(case: Case, people: People, ring: KeyRing) -> list[dict[str, Any]]:
    hidden = hidden_in(case)
    found = Proof.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    return [
        {
            "kind": proof.kind,
            "digest": proof.digest,
            "given_us": proof.given_us,
            "taken_us": proof.taken_us,
            "who": words.SEALED
            if is_hidden(hidden, proof.given_by)
            else people.name(proof.given_by),
            "place": ring.open(proof.place),
        }
        for proof in found
    ]
