"""People and places for tests of the loop, set up only through entries, and a phone network.

The county is invented: 青禾县, 石桥镇, 柳溪村. The village secretary is also the director, as is
usual: two posts, one man. 陌生人 is registered and reachable, but has no right to anything here.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from bihuan.base.ids import row_id
from bihuan.base.time import Clock, MovableClock
from bihuan.journal import county as journal_county
from bihuan.journal.append import Appender
from bihuan.journal.keys import KeyRing
from bihuan.journal.models import FACTS_LANE, Entry, Head
from bihuan.journal.payloads import Payload
from bihuan.loop.act import Command, ProofFile, act
from bihuan.loop.channels import Message, Told
from bihuan.loop.dispatch import Dispatcher
from bihuan.loop.engine import Engine
from bihuan.loop.models import Case, CaseClock, Delivery, Happening, Pursuit, Step
from bihuan.register import entries as register
from bihuan.scenarios import load

CHANNEL = "phone"
BAND = "1208178692"
TURNS = 500
PHOTO = ProofFile(digest="ab" * 32, media_type="image/jpeg", taken_us=None, place=None)


class Killed(BaseException):
    """The process ends here, as by SIGKILL: nothing of ours catches it."""


@dataclass
class PhoneNetwork:
    """The far end of the wire: records every message, rings unless told otherwise.

    A test reads every message with `take()`; what nobody read was not expected, and fails it.
    how[person] is what happens to calls of that person: rings, off, crash or kill.
    """

    name: str = CHANNEL
    ring_s: int = 45
    how: dict[int, str] = field(default_factory=dict)
    unread: list[Message] = field(default_factory=list)
    every: list[Message] = field(default_factory=list)

    def send(self, message: Message, now_us: int) -> list[Told]:
        self.unread.append(message)
        self.every.append(message)
        how = self.how.get(message.person_id, "rings")
        if how == "kill":
            raise Killed
        if how == "crash":
            raise ConnectionError("the line broke")
        if how == "off":
            return [Told("off", "switched off")]
        return [Told("accepted", "carrier"), Told("delivered", "rings")]

    def take(self) -> Counter[tuple[int, str]]:
        """(person, purpose) of the messages since the last take, counted."""
        found = Counter((m.person_id, m.purpose) for m in self.unread)
        self.unread.clear()
        return found


@dataclass(frozen=True)
class People:
    """Ids of places and people."""

    county: int
    town: int
    village: int
    elder: int
    daughter: int
    secretary: int
    town_officer: int
    commander: int
    stranger: int
    subject: int
    device: int

    @property
    def everybody(self) -> tuple[int, ...]:
        return (
            self.elder,
            self.daughter,
            self.secretary,
            self.town_officer,
            self.commander,
            self.stranger,
        )


class Registrar:
    """Writes the register, one entry after the other, in one transaction."""

    def __init__(self, lane: Appender, keys: KeyRing) -> None:
        self._lane, self._keys = lane, keys

    def add(self, payload: Payload) -> int:
        return self._lane.append(payload).id()

    def person(self, name: str, latin: str, channel: str | None = CHANNEL) -> int:
        identity = row_id(self._lane.next_position)
        seal = self._keys.seal
        self.add(
            register.PersonRegistered(
                name=seal(identity, name), latin=seal(identity, latin), phone=None
            )
        )
        if channel is not None:
            self.add(
                register.PersonReachable(
                    person_id=identity, channel=channel, address=seal(identity, "0"), rank=0
                )
            )
        return identity

    def area(self, code: str, name: str, level: register.Level, parent: int | None) -> int:
        return self.add(
            register.AreaRegistered(
                code=code, name=name, latin=code, level=level, parent_id=parent, outline=[]
            )
        )

    def post(self, person: int, role: str, area: int) -> int:
        return self.add(
            register.PostHeld(person_id=person, role=role, area_id=area, from_us=0, until_us=None)
        )

    def subject(self, person: int, village: int) -> int:
        return self.add(
            register.SubjectRegistered(
                scenario="elder_care",
                kind="elder",
                person_id=person,
                area_id=village,
                address=None,
                note=None,
            )
        )

    def contact(self, subject: int, person: int, relation: str = "daughter") -> int:
        return self.add(
            register.ContactNamed(subject_id=subject, person_id=person, relation=relation, rank=0)
        )

    def device(self, subject: int, number: str, protocol: str = "watch") -> int:
        device = self.add(register.DeviceAdopted(protocol=protocol, number=number, model=None))
        self.add(register.DeviceBound(device_id=device, subject_id=subject))
        return device


def settle_people(registrar: Registrar) -> People:
    """The people and places that every test knows."""
    county = registrar.area("330400", "青禾县", "county", None)
    town = registrar.area("330401", "石桥镇", "town", county)
    village = registrar.area("330402", "柳溪村", "village", town)
    elder = registrar.person("王桂兰", "Wang Guilan", channel=None)
    daughter = registrar.person("陈晓", "Chen Xiao")
    secretary = registrar.person("李建国", "Li Jianguo")
    town_officer = registrar.person("周敏", "Zhou Min")
    commander = registrar.person("何川", "He Chuan")
    stranger = registrar.person("陌生人", "Stranger")
    subject = registrar.subject(elder, village)
    registrar.contact(subject, daughter)
    registrar.post(secretary, "village_duty", village)
    registrar.post(secretary, "village_duty", village)  # secretary and director: one man
    registrar.post(town_officer, "town_duty", town)
    registrar.post(commander, "county_command", county)
    return People(
        county=county,
        town=town,
        village=village,
        elder=elder,
        daughter=daughter,
        secretary=secretary,
        town_officer=town_officer,
        commander=commander,
        stranger=stranger,
        subject=subject,
        device=registrar.device(subject, BAND),
    )


class World:
    """A county whose time a test moves, whose engine and dispatcher it turns.

    wall is the machine's clock; clock is what the processes go by, the same unless a test says.
    """

    clock: Clock

    def __init__(self, clock: MovableClock, keys: KeyRing) -> None:
        load()
        journal_county.create("青禾县", clock, lanes=4)
        self.wall, self.clock, self.keys, self.phones = clock, clock, keys, PhoneNetwork()
        with Appender(FACTS_LANE, clock) as lane:
            self.people = settle_people(Registrar(lane, keys))
        self.engine = Engine(clock)
        self.is_dispatching = True
        self.dispatcher = Dispatcher(clock, {CHANNEL: self.phones}, "dispatcher-1")

    def use_clock(self, clock: Clock) -> None:
        """Restart everything on another clock, as new processes would."""
        self.clock = clock
        self.engine = Engine(clock)
        self.dispatcher = Dispatcher(clock, {CHANNEL: self.phones}, "dispatcher-1")

    def add(self, payload: Payload) -> int:
        with Appender(FACTS_LANE, self.clock) as lane:
            return lane.append(payload).id()

    def subject(self, area: int | None = None) -> int:
        """One more elder with the same daughter, in the village unless another place is given."""
        with Appender(FACTS_LANE, self.clock) as lane:
            registrar = Registrar(lane, self.keys)
            village = self.people.village if area is None else area
            subject = registrar.subject(self.people.elder, village)
            if area is None:
                registrar.contact(subject, self.people.daughter)
        return subject

    def signal(self, subject: int | None, kind: str = "sos") -> int:
        """A signal for any subject; its position."""
        said = register.SignalReceived(
            kind=kind, subject_id=subject, device_id=None, at_us=None, detail=None
        )
        with Appender(FACTS_LANE, self.clock) as lane:
            return lane.append(said).position

    def area(self, code: str, level: register.Level, parent: int | None) -> int:
        """A place where nobody has a post."""
        with Appender(FACTS_LANE, self.clock) as lane:
            return Registrar(lane, self.keys).area(code, f"无人{code}", level, parent)

    def press(self, kind: str = "sos", **said: int | None) -> int:
        """A signal of the elder's band; its position."""
        signal = register.SignalReceived(
            kind=kind,
            at_us=said.get("at_us"),
            detail=None,
            subject_id=self.people.subject,
            device_id=self.people.device,
        )
        with Appender(FACTS_LANE, self.clock) as lane:
            return lane.append(signal).position

    def settle(self) -> None:
        """Turn engine and dispatcher until nothing is left to do; endless work is a failure."""
        for _turn in range(TURNS):
            done = self.engine.run_once()
            if self.is_dispatching:
                before = self.position
                done += self.dispatcher.run_once() + self.position - before
            if not done:
                return
        raise AssertionError(f"still busy after {TURNS} turns")

    def wait(self, **parts: float) -> None:
        """Let time pass as it does, deciding each due moment when it comes."""
        end_us = self.clock.now_us() + timedelta(**parts) // timedelta(microseconds=1)
        self.settle()
        for _turn in range(TURNS):
            due_us = self.engine.next_due_us()
            if due_us is None or due_us > end_us:
                break
            self.wall.advance(microseconds=max(due_us - self.clock.now_us(), 0))
            self.settle()
        self.wall.advance(microseconds=end_us - self.clock.now_us())
        self.settle()

    def do(
        self,
        name: str,
        person: int,
        case: int | None = None,
        fields: dict[str, str] | None = None,
        **more: str,
    ) -> int:
        """One click with words where words are needed."""
        command = Command(
            act=name,
            case_id=self.case.id if case is None else case,
            person_id=person,
            via="page",
            key=more.get("key", f"{self.position}"),
            text=more.get("text", "到家中，人没事"),
            answer=more.get("answer", ""),
            fields=fields or {},
        )
        return act(command, self.clock, self.keys)

    @property
    def position(self) -> int:
        return Head.objects.get(lane=FACTS_LANE).position

    @property
    def case(self) -> Case:
        """The newest case."""
        found = Case.objects.order_by("-id").first()
        assert found is not None
        return found

    @property
    def pursuit(self) -> Pursuit:
        """The newest pursuit of the newest case."""
        found = Pursuit.objects.filter(case_id=self.case.id).order_by("-id").first()
        assert found is not None
        return found

    def steps(self) -> list[tuple[int, str]]:
        """(n, state) of the newest pursuit."""
        steps = Step.objects.filter(pursuit_id=self.pursuit.id).order_by("n")
        return list(steps.values_list("n", "state"))

    def clocks(self) -> dict[str, str]:
        """State of the newest clock of each kind of the newest case."""
        clocks = CaseClock.objects.filter(case_id=self.case.id).order_by("id")
        return dict(clocks.values_list("kind", "state"))

    def happened(self) -> list[str]:
        """The timeline of the newest case."""
        lines = Happening.objects.filter(case_id=self.case.id).order_by("id")
        return list(lines.values_list("kind", flat=True))

    def types(self, *names: str) -> list[str]:
        """Types of lane 0 in order; with names, only those."""
        found = Entry.objects.filter(lane=FACTS_LANE).order_by("position")
        every = found.values_list("type", flat=True)
        return [name for name in every if not names or name in names]

    def deliveries(self, purpose: str = "call") -> list[Delivery]:
        return list(Delivery.objects.filter(case_id=self.case.id, purpose=purpose).order_by("id"))


def calls(*people: int) -> Counter[tuple[int, str]]:
    """Each of these people called once."""
    return Counter((person, "call") for person in people)


def asks(*people: int) -> Counter[tuple[int, str]]:
    """Each of these people asked once."""
    return Counter((person, "ask") for person in people)
