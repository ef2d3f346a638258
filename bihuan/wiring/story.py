"""A demo's story in compressed time: real frames, real loop, a clock that moves when told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US, MovableClock, datetime_of
from bihuan.console.warnings.hand import ByHand, take_down
from bihuan.gateway.arrival import Arrival
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Intake
from bihuan.gateway.simulate import alarm_frame
from bihuan.journal.keys import KeyRing
from bihuan.loop import answer as answering
from bihuan.loop.act import Command, act
from bihuan.loop.callout.acts import CallOuts, Order, Words
from bihuan.loop.cases.report import Report, report
from bihuan.loop.channels import ScreenChannel, phone_seen
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery
from bihuan.loop.scenario import Cast, Warned
from bihuan.register.entries import Actor
from bihuan.register.models import Device
from bihuan.register.records.acts import By, Ledger, Opening
from bihuan.register.records.models import Proposal
from bihuan.register.rights import for_user

CALLS = ("call", "order", "lift_offer")
STEP_S, QUIET_STEP_S = 10, 180  # where nobody wears a band, nothing rings for seconds


class CompressedStage:
    """Plays a story against the data folder in use, without a listener or a sleep."""

    def __init__(self, cast: Cast, clock: MovableClock, keys: KeyRing) -> None:
        self._clock, self._keys = clock, keys
        self._places = {band.number: band.place for band in cast.bands}
        self._on = {phone.person_id for phone in cast.phones}
        self._intake = Intake(clock, keys)
        self._engine = Engine(clock)
        self._dispatcher = Dispatcher(clock, {"screen": ScreenChannel()}, "story")
        self._decoders = {number: PROTOCOLS["watch"].decoder(PLAIN) for number in self._places}
        self._pressed, self._serial = "", 0
        self._step_s = STEP_S if cast.bands else QUIET_STEP_S

    def press(self, number: str, *bits: int) -> None:
        self._serial += 1
        self._pressed = number
        now_us = self._clock.now_us()
        frame = alarm_frame(number, f"{self._serial:04X}", self._places[number], bits, now_us)
        decoded = self._decoders[number].decode(frame, datetime_of(now_us))
        self._intake.store([Arrival("watch", frame, decoded, now_us)])
        self._settle()

    def wait(self, **parts: float) -> None:
        before_us = self._clock.now_us()
        ahead = MovableClock(datetime_of(before_us))
        ahead.advance(**parts)
        while (left_us := ahead.now_us() - self._clock.now_us()) > 0:
            self._clock.advance(seconds=min(self._step_s, left_us / SECOND_US))
            self._settle()

    def phones(self, person_id: int, *, are_on: bool) -> None:
        (self._on.add if are_on else self._on.discard)(person_id)

    def answer(self, person_id: int) -> None:
        ringing = Delivery.objects.filter(
            person_id=person_id, purpose__in=CALLS, state="delivered", ended_us=None
        )
        call = ringing.order_by("-id").first()
        if call is None:
            raise bad("answer", person_id, "a person whose phone rings")
        answering.tell(call.id, person_id, "answered", self._clock)
        answering.confirm(call.id, person_id, self._clock, self._keys)
        self._settle()

    def act(self, person_id: int, name: str, text: str = "", answer: str = "") -> None:
        device = Device.objects.get(protocol="watch", number=self._pressed)
        assert device.subject_id is not None, "the demo binds every band"
        case = Case.objects.filter(subject_id=device.subject_id).order_by("-id").first()
        assert case is not None, "a press opens a case"
        self._serial += 1
        command = Command(
            act=name,
            case_id=case.id,
            person_id=person_id,
            via="page",
            key=f"story-{self._serial}",
            text=text,
            answer=answer,
        )
        act(command, self._clock, self._keys)
        self._settle()

    def report(self, said: Report) -> int:
        case_id = report(said, self._clock, self._keys)
        self._settle()
        return case_id

    def do(self, person_id: int, name: str, case_id: int, said: Mapping[str, str]) -> None:
        self._serial += 1
        fields = {key: text for key, text in said.items() if key not in ("text", "answer")}
        command = Command(
            act=name,
            case_id=case_id,
            person_id=person_id,
            via="page",
            key=f"story-{self._serial}",
            text=said.get("text", ""),
            answer=said.get("answer", ""),
            fields=fields,
        )
        act(command, self._clock, self._keys)
        self._settle()

    def ahead(self, **parts: float) -> str:
        return (datetime_of(self._clock.now_us()) + timedelta(**parts)).isoformat()

    def file(self, person_id: int, new: Opening) -> int:
        self._serial += 1
        by = By(person_id, "page", f"story-{self._serial}")
        made = Ledger(self._clock, self._keys).open(new, by)
        self._settle()
        return made

    def row(self, person_id: int, name: str, row_id: int, said: Mapping[str, Any]) -> None:
        self._serial += 1
        by = By(person_id, "page", f"story-{self._serial}")
        Ledger(self._clock, self._keys).act(row_id, name, said, by)
        self._settle()

    def case_of(self, row_id: int) -> int:
        case = Case.objects.filter(row_id=row_id).order_by("-id").first()
        assert case is not None, "a record whose duty or act opens a case"
        return case.id

    def confirm(self, person_id: int, row_id: int) -> None:
        self._serial += 1
        waiting = Proposal.objects.filter(row_id=row_id, state="waiting").order_by("-id").first()
        if waiting is None:
            raise bad("confirm", row_id, "a row with something that waits for a second person")
        by = By(person_id, "page", f"story-{self._serial}")
        Ledger(self._clock, self._keys).confirm(waiting.id, by)
        self._settle()

    def newest(self, kind: str, subject_id: int) -> int:
        found = Case.objects.filter(kind=kind, subject_id=subject_id).order_by("-id")
        case = found.first()
        if case is None:
            raise bad("case", f"none of {kind}", f"one about subject {subject_id}")
        return case.id

    def warn(self, person_id: int, said: Warned) -> int:
        self._serial += 1
        taken = take_down(
            ByHand(
                change=said.change,
                issuer=said.issuer,
                issued=datetime_of(self._clock.now_us()),
                title=said.title,
                areas=said.areas,
                key=f"story-{self._serial}",
                text=said.text,
                about=said.about,
            ),
            for_user(person_id, self._clock.now_us()),
            self._clock,
        )
        self._settle()
        return taken.id

    def call_out(self, person_id: int, order: Order) -> int:
        by = Actor(person_id=person_id, role="", via="page")
        made = CallOuts(self._clock, self._keys).order(order, by)
        self._settle()
        return made

    def lift(self, person_id: int, call_out_id: int, words: Words) -> None:
        by = Actor(person_id=person_id, role="", via="page")
        CallOuts(self._clock, self._keys).lift(call_out_id, words, by)
        self._settle()

    def _settle(self) -> None:
        for person_id in self._on:
            phone_seen(person_id, self._clock.now_us())
        while self._engine.run_once() + self._dispatcher.run_once():
            pass
