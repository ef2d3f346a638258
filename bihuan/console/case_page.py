"""The case page: what, why, who holds it, clocks, ladder, timeline, proof, and what can be done."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.base.ids import position_of
from bihuan.console import words
from bihuan.console.home import clock, keys
from bihuan.console.people import People
from bihuan.console.shown import Reader, fate, kind_word, role_word, step_title
from bihuan.console.visit import case_or_404, log_first_view, log_view, person_of, signed_in
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.payloads import decode
from bihuan.journal.storage import MAIN
from bihuan.loop import proofs
from bihuan.loop.act import may
from bihuan.loop.entries import CaseOpened
from bihuan.loop.models import (
    Callee,
    Case,
    CaseClock,
    Delivery,
    DeliveryFact,
    Happening,
    Proof,
    Pursuit,
    Step,
)
from bihuan.loop.playbook import playbook_of
from bihuan.register.entries import SignalReceived
from bihuan.register.models import Contact, Subject


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
    return HttpResponse(content, content_type=proofs.media_type_of(content))


def case_context(
    request: HttpRequest, case: Case, form: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Everything that the case page shows to this person now."""
    now_us, ring, person_id = clock().now_us(), keys(), person_of(request)
    shown = Reader([case], ring, now_us).show(case)
    subject = Subject.objects.using(MAIN).get(id=case.subject_id)
    detail = signal_detail(case, ring)
    return {
        "now_us": now_us,
        "shown": shown,
        "case": case,
        "people": (people := _people(case, subject, ring)),
        "name": people.name(subject.person_id),
        "phone": people.phone(subject.person_id),
        "address": ring.open(subject.address),
        "place": shown.place,
        "contacts": _contacts(case, people),
        "clocks": _clocks(case),
        "rounds": _rounds(case, people),
        "timeline": _timeline(case, people, ring),
        "proofs": _proofs(case, people, ring),
        "answer": ring.open(case.answer),
        "detail": detail,
        "acts": _acts(case, person_id, now_us),
        "key": str(uuid.uuid4()),
        "form": form or {},
        "reasons": words.FALSE_ALARM_REASONS,
        "playbook": playbook_of(case.playbook),
        "person_id": person_id,
    }


def _people(case: Case, subject: Subject, ring: KeyRing) -> People:
    wanted: set[int | None] = {subject.person_id, case.owner_id}
    wanted |= set(Callee.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    wanted |= set(Happening.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    wanted |= set(Contact.objects.filter(subject_id=subject.id).values_list("person_id", flat=True))
    wanted |= set(Delivery.objects.filter(case_id=case.id).values_list("person_id", flat=True))
    return People(ring, wanted)


def signal_detail(case: Case, ring: KeyRing) -> dict[str, Any] | None:
    """The raw frame and its decoding of the signal that opened the case, or None."""
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
        "raw": found["raw"],
        "text": bytes.fromhex(found["raw"]).decode("latin-1"),
        "decoded": json.dumps(found["decoded"], ensure_ascii=False, indent=1),
        "fix": found["decoded"].get("position"),
    }


def _contacts(case: Case, people: People) -> list[dict[str, Any]]:
    found = Contact.objects.using(MAIN).filter(subject_id=case.subject_id).order_by("rank", "id")
    return [
        {
            "name": people.name(contact.person_id),
            "phone": people.phone(contact.person_id),
            "relation": words.RELATIONS.get(contact.relation, contact.relation),
        }
        for contact in found
    ]


def _clocks(case: Case) -> list[dict[str, Any]]:
    found = CaseClock.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    return [
        {
            "word": words.CLOCKS[clock_.kind],
            "state": clock_.state,
            "state_word": words.CLOCK_STATES[clock_.state],
            "due_us": clock_.due_us,
            "ended_us": clock_.ended_us,
        }
        for clock_ in found
    ]


def _rounds(case: Case, people: People) -> list[dict[str, Any]]:
    """Each round of calling, newest first: its steps, people, and every fact of every call."""
    steps = list(Step.objects.using(MAIN).filter(case_id=case.id).order_by("id"))
    callees = list(Callee.objects.using(MAIN).filter(case_id=case.id).order_by("id"))
    calls = list(Delivery.objects.using(MAIN).filter(case_id=case.id).order_by("id"))
    facts = list(DeliveryFact.objects.using(MAIN).filter(case_id=case.id).order_by("id"))
    rounds = []
    for pursuit in Pursuit.objects.using(MAIN).filter(case_id=case.id).order_by("-round"):
        shown = []
        for step in steps:
            if step.pursuit_id != pursuit.id:
                continue
            people_here = [
                _callee(
                    case, callee, people, [c for c in calls if c.pursuit_id == pursuit.id], facts
                )
                for callee in callees
                if callee.pursuit_id == pursuit.id and callee.step == step.n
            ]
            shown.append(
                {
                    "title": step_title(case, step),
                    "state": step.state,
                    "word": words.SKIPPED.get(step.skipped or "", words.STEPS[step.state]),
                    "called_us": step.called_us,
                    "people": people_here,
                }
            )
        rounds.append({"n": pursuit.round, "begun_us": pursuit.begun_us, "steps": shown})
    return rounds


def _callee(
    case: Case,
    callee: Callee,
    people: People,
    calls: list[Delivery],
    facts: list[DeliveryFact],
) -> dict[str, Any]:
    own = [call for call in calls if call.person_id == callee.person_id]
    told = {call.id: [f for f in facts if f.delivery_id == call.id] for call in own}
    return {
        "name": people.name(callee.person_id),
        "role": role_word(case.scenario, callee.role),
        "calls": [
            {
                "channel": words.CHANNELS.get(call.channel, call.channel),
                "state": fate(call)[0],
                "tone": fate(call)[1],
                "facts": [(words.FACTS[f.fact], f.at_us) for f in told[call.id]],
            }
            for call in own
        ],
    }


def _timeline(case: Case, people: People, ring: KeyRing) -> list[dict[str, Any]]:
    found = Happening.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    return [
        {
            "id": line.id,
            "at_us": line.at_us,
            "word": _line_word(line, case.scenario),
            "who": people.name(line.person_id) if line.person_id else "",
            "role": role_word(case.scenario, line.role),
            "text": ring.open(line.text),
            "kind": line.kind,
        }
        for line in found
    ]


def _line_word(line: Happening, scenario: str) -> str:
    word = str(words.HAPPENINGS.get(line.kind, line.kind))
    extra = ""
    if line.kind == "clock_missed":
        extra = str(words.CLOCKS.get(line.detail or "", line.detail))
    elif line.kind == "closed":
        extra = str(words.OUTCOMES.get(line.detail or "", line.detail))
    elif line.kind.startswith("finding_"):
        rule, _, measured = (line.detail or "").partition(" ")
        extra = f"{kind_word(scenario, rule)} {measured}"
    elif line.kind in ("opened", "found") and line.detail == "late":
        extra = str(words.LATE)
    return f"{word} · {extra}" if extra else word


def _proofs(case: Case, people: People, ring: KeyRing) -> list[dict[str, Any]]:
    found = Proof.objects.using(MAIN).filter(case_id=case.id).order_by("id")
    return [
        {
            "kind": proof.kind,
            "digest": proof.digest,
            "given_us": proof.given_us,
            "who": people.name(proof.given_by),
            "place": ring.open(proof.place),
        }
        for proof in found
    ]


def _acts(case: Case, person_id: int, now_us: int) -> list[str]:
    declared = [act.name for act in playbook_of(case.playbook).acts]
    return [
        name for name in declared if _is_offered(case, name) and may(case, person_id, name, now_us)
    ]


def _is_offered(case: Case, name: str) -> bool:
    """Acts that wait for a number of tries are shown once it is reached."""
    playbook = playbook_of(case.playbook)
    if name == "sign_no_reply":
        return case.times_asked >= playbook.tries
    return name != "decide" or case.refusals >= playbook.refusals
