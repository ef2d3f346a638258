"""A demo's story in compressed time: real frames, real loop, a clock that moves when told."""

from __future__ import annotations

from bihuan.base.errors import bad
from bihuan.base.time import SECOND_US, MovableClock, datetime_of
from bihuan.gateway.decoders import PROTOCOLS
from bihuan.gateway.decoders.protocol import PLAIN
from bihuan.gateway.intake import Arrival, Intake
from bihuan.gateway.simulate import alarm_frame
from bihuan.journal.keys import KeyRing
from bihuan.loop import answer as answering
from bihuan.loop.act import Command, act
from bihuan.loop.channels import ScreenChannel, phone_seen
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, Delivery
from bihuan.loop.scenario import Cast
from bihuan.register.models import Device

STEP_S = 10


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
            self._clock.advance(seconds=min(STEP_S, left_us / SECOND_US))
            self._settle()

    def phones(self, person_id: int, *, are_on: bool) -> None:
        (self._on.add if are_on else self._on.discard)(person_id)

    def answer(self, person_id: int) -> None:
        ringing = Delivery.objects.filter(
            person_id=person_id, purpose="call", state="delivered", ended_us=None
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

    def _settle(self) -> None:
        for person_id in self._on:
            phone_seen(person_id, self._clock.now_us())
        while self._engine.run_once() + self._dispatcher.run_once():
            pass
