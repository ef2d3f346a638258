"""Who is on duty in the demo: the county's desk, two people in turn, and one town's."""

from __future__ import annotations

from datetime import datetime, time

from bihuan.base.time import CHINA, Clock, datetime_of, us_of
from bihuan.loop.rang import last_rang
from bihuan.register.rosters.acts import NewRoster, Rosters
from bihuan.register.rosters.pattern import Pattern, Shift
from bihuan.wiring.demo_county import COMMAND, NAME, Frame

TOWN = "青石镇"
DAY = Shift(name="白班", from_="08:00", until="20:00")
NIGHT = Shift(name="夜班", from_="20:00", until="08:00")


def draw_up(frame: Frame, clock: Clock) -> None:
    """Two rosters that hold from this morning on, as a duty officer makes them on the page.

    Neither is a waking one: its places want a voice number that rang, and the demo rings screens.
    """
    today = datetime_of(clock.now_us()).astimezone(CHINA).date()
    from_us = us_of(datetime.combine(today, time(), CHINA))
    desk = tuple((frame.officials[name],) for name in (NAME[0], *COMMAND[1:]))
    rosters = Rosters(clock, last_rang)
    for title, role, place, crews in (
        ("县总值班室", "county_command", NAME[0], desk),
        ("青石镇值班室", "town_duty", TOWN, ((frame.officials[TOWN],),)),
    ):
        pattern = Pattern(shifts=(DAY, NIGHT), crews=crews, anchor=today)
        rosters.make_following(
            NewRoster(
                title=title,
                role=role,
                area_id=frame.areas[place],
                is_waking=False,
                pattern=pattern,
                from_us=from_us,
            )
        )
