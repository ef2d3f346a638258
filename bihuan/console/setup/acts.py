"""What the first run writes: the county's name and own area, a first roster, its mode."""

from __future__ import annotations

from dataclasses import dataclass

from bihuan.base.errors import BadInputError, Fault
from bihuan.base.time import CHINA, DAY_US, Clock, datetime_of, us_of
from bihuan.console.home import keys
from bihuan.console.setup.readiness import items, unready
from bihuan.journal.storage import MAIN
from bihuan.loop.rang import last_rang
from bihuan.loop.scenario import installed
from bihuan.register.acts import Registrar
from bihuan.register.areas.acts import AreaActs, NewArea
from bihuan.register.entries import Actor
from bihuan.register.mode import LEVEL_ENDS, set_mode
from bihuan.register.models import Area, County
from bihuan.register.rosters.acts import NewRoster, Rosters
from bihuan.register.rosters.pattern import Pattern, Shift


@dataclass(frozen=True, slots=True)
class Naming:
    """level: county, city or district; code: six digits of the national list."""

    level: str
    name: str
    latin: str
    code: str


@dataclass(frozen=True, slots=True)
class Rota:
    """A first roster: one shift every day, the same people. Times as `20:00`."""

    title: str
    role: str
    area_id: int
    shift: str
    from_: str
    until: str
    people: tuple[int, ...]
    is_waking: bool = True


def name_county(said: Naming, by: Actor, clock: Clock) -> None:
    """Name the county and register its own area where there is none. Raises BadInputError."""
    faults = []
    suffix = LEVEL_ENDS.get(said.level)
    if suffix is None:
        faults.append(Fault("level", said.level or "nothing", " or ".join(LEVEL_ENDS)))
    elif not said.name.endswith(suffix) or not 2 <= len(said.name) <= 32:
        faults.append(Fault("name", said.name or "nothing", f"a name that ends with {suffix}"))
    if not said.latin.strip() or len(said.latin) > 64:
        faults.append(Fault("latin", said.latin or "nothing", "1 to 64 characters"))
    if faults:
        raise BadInputError(*faults)
    present = County.objects.using(MAIN).first()
    top = Area.objects.using(MAIN).filter(parent_id=None, until_us=None)
    if not top.exists():
        area = NewArea(code=said.code, name=(said.name, said.latin), level="county", parent_id=None)
        AreaActs(clock, by).register(area)
    if present is None or (present.name, present.latin) != (said.name, said.latin):
        mode = present.mode if present is not None else "drill"
        Registrar(clock, keys()).county(said.name, said.latin, mode)  # type: ignore[arg-type]  # a stored mode


def make_roster(said: Rota, by: Actor, clock: Clock) -> int:
    """Make a roster that holds from today on; its id. Raises BadInputError."""
    roles = {role for scenario in installed().values() for role in scenario.roles}
    if said.role not in roles:
        raise BadInputError(Fault("role", said.role or "nothing", " or ".join(sorted(roles))))
    today = datetime_of(clock.now_us()).astimezone(CHINA)
    midnight = today.replace(hour=0, minute=0, second=0, microsecond=0)
    pattern = Pattern(
        shifts=(Shift(name=said.shift, from_=said.from_, until=said.until),),
        crews=(said.people,),
        anchor=midnight.date(),
    )
    new = NewRoster(
        title=said.title,
        role=said.role,
        area_id=said.area_id,
        is_waking=said.is_waking,
        pattern=pattern,
        from_us=us_of(midnight) - DAY_US,  # last night's shift may still last
    )
    return Rosters(clock, last_rang).make_following(new, by)


def switch(mode: str, by: Actor, clock: Clock) -> bool:
    """Go live where every item is ready, or back to drill; whether that changed anything."""
    return set_mode(mode, unready(items()) if mode == "live" else (), by, clock)
