"""Devices and subjects as the intake looks them up: whose they are, and where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bihuan.base.errors import Fault, shown
from bihuan.journal.models import FACTS_LANE, Entry
from bihuan.journal.series import SeriesKey
from bihuan.journal.storage import MAIN
from bihuan.register.models import Area, Device, Subject
from bihuan.register.senders.acts import Sender

PROTOCOL = "http"  # of a device that is named by its number alone
MOST_HELD = 200_000
_AT_ONCE = 500
_MOST_LOOKED_AT = 2_000
# entries that say nothing about devices, subjects and areas; any other may
_NOT_OF_THE_REGISTER = (
    "signal.", "case.", "clock.", "pursuit.", "delivery.", "finding.", "frame.", "warning.",
    "observation.",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A subject: whose texts seal what is said of it, and where it is."""

    subject_id: int
    person_id: int
    area_path: str


@dataclass(frozen=True, slots=True)
class Found:
    """An adopted device. place: its subject's, None while it is unbound."""

    key: SeriesKey
    place: Place | None

    def is_for(self, sender: Sender) -> bool:
        """Whether this sender may send for it."""
        return sender.covers(self.key.device, self.place.area_path if self.place else None)


def named(device: str) -> tuple[str, str]:
    """(protocol, number) of a device's name."""
    protocol, slash, number = device.rpartition("/")
    return (protocol, number) if slash else (PROTOCOL, device)


class Directory:
    """Devices by name, as of one position of lane 0; looked up again when that moves on.

    Used by one thread.
    """

    def __init__(self) -> None:
        self._seen0 = -1
        self._held: dict[str, Found | None] = {}
        self._series: dict[int, dict[str, SeriesKey | None]] = {}

    def series(self, sender: Sender, names: Sequence[str], seen0: int) -> list[SeriesKey | None]:
        """The series of each name; None where this sender may not send for it."""
        self._go_on_to(seen0)
        own = self._series.setdefault(sender.id, {})
        missing = [name for name in names if name not in own]
        if missing:
            found = self.devices(missing, seen0)
            for name, at in zip(missing, found, strict=True):
                own[name] = at.key if at is not None and at.is_for(sender) else None
        return [own[name] for name in names]

    def devices(self, names: Iterable[str], seen0: int) -> list[Found | None]:
        """Each name's device; None where nobody adopted it."""
        wanted = list(names)
        self._go_on_to(seen0)
        missing = [name for name in wanted if name not in self._held]
        if missing:
            self._held |= _look_up(missing)
        return [self._held[name] for name in wanted]

    def _go_on_to(self, seen0: int) -> None:
        """Forget what is held where the register may have changed since it was looked up."""
        if seen0 == self._seen0:
            return
        if len(self._held) > MOST_HELD or _may_have_changed(self._seen0, seen0):
            self._held, self._series = {}, {}
        self._seen0 = seen0


def _may_have_changed(after: int, upto: int) -> bool:
    if after < 0 or upto - after > _MOST_LOOKED_AT:
        return True
    found = Entry.objects.using(MAIN).filter(
        lane=FACTS_LANE, position__gt=after, position__lte=upto
    )
    types = found.values_list("type", flat=True)
    return any(not name.startswith(_NOT_OF_THE_REGISTER) for name in types)


def unknown_device(name: str) -> Fault:
    """What a sender hears of a device that is not adopted, or not its own: the same."""
    return Fault("device", shown(name, 64), "an adopted device that this sender may send for")


def place_of(subject_id: int) -> Place | None:
    """A subject's place; None where there is no such subject."""
    return places([subject_id]).get(subject_id)


def places(subject_ids: Iterable[int]) -> dict[int, Place]:
    """The places of subjects, by id; an unknown one is left out."""
    found = Subject.objects.using(MAIN).filter(id__in=list(subject_ids))
    rows = list(found.values_list("id", "person_id", "area_id"))
    areas = Area.objects.using(MAIN).filter(id__in={area for _id, _person, area in rows})
    paths = dict(areas.values_list("id", "path"))
    # a thing has no person: what is said of it is sealed with its own key
    return {sid: Place(sid, person or sid, paths[area]) for sid, person, area in rows}


def _look_up(names: list[str]) -> dict[str, Found | None]:
    found: dict[str, Found | None] = dict.fromkeys(names)
    by_name: dict[tuple[str, str], list[str]] = {}
    for name in names:  # `http/7` and `7` are the same device
        by_name.setdefault(named(name), []).append(name)
    numbers = sorted({number for _protocol, number in by_name})
    rows = []
    for start in range(0, len(numbers), _AT_ONCE):
        asked = Device.objects.using(MAIN).filter(number__in=numbers[start : start + _AT_ONCE])
        rows += list(asked.values_list("protocol", "number", "id", "subject_id", "binding_id"))
    subjects = sorted({row[3] for row in rows if row[3] is not None})
    at: dict[int, Place] = {}
    for start in range(0, len(subjects), _AT_ONCE):
        at |= places(subjects[start : start + _AT_ONCE])
    for protocol, number, device, subject, binding in rows:
        for name in by_name.get((protocol, number), ()):
            found[name] = Found(SeriesKey(subject, device, binding), at.get(subject or 0))
    return found
