"""功能区和边界 / Zones that overlap the tree, and boundaries with a declared datum."""

from __future__ import annotations

from typing import Any, cast

from bihuan.base.errors import bad
from bihuan.console.home import clock
from bihuan.console.register.deeds import Deed
from bihuan.console.register.reach import Reach
from bihuan.console.register.wording import word
from bihuan.journal.storage import MAIN
from bihuan.register.areas.acts import AreaActs
from bihuan.register.areas.boundaries import BoundaryFile, import_boundaries
from bihuan.register.areas.datum import DATUMS
from bihuan.register.areas.models import Zone, ZoneArea
from bihuan.register.models import Area
from bihuan.register.records.acts import By
from bihuan.register.scheme import Field

MOST_BYTES = 32_000_000
NAME = Field(name="name", title=("名称", "Name"), kind="text", is_required=True)
LATIN = Field(name="latin", title=("英文名", "Name in English"), kind="text")
KIND = Field(
    name="kind",
    title=("类别，如开发区、林区、学区", "Kind: a park, a forest, a school district"),
    kind="text",
    is_required=True,
)
SINCE = Field(name="since", title=("从何时起", "Since"), kind="time", is_required=True)
UNTIL = Field(name="until", title=("到何时止", "Until"), kind="time", is_required=True)
FILE = Field(name="file", title=("GeoJSON 文件", "GeoJSON file"), kind="photo")
DATUM = Field(
    name="datum",
    title=("坐标系（由提供方说明）", "Datum, as its publisher says"),
    kind="choice",
    choices=tuple((one, (one, one)) for one in DATUMS),
    is_required=True,
)
SOURCE = Field(name="source", title=("谁提供的", "Who published it"), kind="text", is_required=True)
PROPERTY = Field(
    name="property", title=("代码所在的属性", "Property with the code"), kind="text",
    is_required=True,
)  # fmt: skip


def for_the_county(reach: Reach) -> list[Deed]:
    """A new zone and a file of boundaries: they may touch any area."""
    held = {"since": reach.now_us}

    def zone(by: By, said: dict[str, Any]) -> int:
        acts = AreaActs(clock(), reach.actor(""))
        name = said["name"], said["latin"] or said["name"]
        return acts.keyed(by.key).zone(said["kind"], name, said["since"])

    def bound(_by: By, said: dict[str, Any]) -> None:
        import_boundaries(_file_of(said), clock(), reach.actor(""))

    return [
        Deed(
            "zone",
            ("登记功能区", "Register a zone"),
            zone,
            (NAME, LATIN, KIND, SINCE),
            held=held,
            icon="map-pin",
            note=word(("再到各区域的页面把区域划入", "Then put areas into it on their pages")),
        ),
        Deed(
            "boundaries",
            ("导入边界", "Import boundaries"),
            bound,
            (FILE, DATUM, SOURCE, PROPERTY, SINCE),
            held=held | {"property": "code"},
            icon="file-text",
            accept=".geojson,.json,application/geo+json,application/json",
        ),
    ]


def _file_of(said: dict[str, Any]) -> BoundaryFile:
    content = cast("bytes", said["file"])
    if len(content) > MOST_BYTES:
        raise bad("file", f"{len(content)} B", f"at most {MOST_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise bad("file", "no UTF-8", "a FeatureCollection") from None
    return BoundaryFile(
        text=text,
        datum=said["datum"],
        source=said["source"],
        at_us=said["since"],
        code=said["property"],
    )


def of_area(reach: Reach, area: Area) -> list[Deed]:
    """Putting an area into a zone that goes on, and taking it out of each that it is in."""
    acts = AreaActs(clock(), reach.actor(area.path))
    inside = {
        one.zone_id: one
        for one in ZoneArea.objects.using(MAIN).filter(area_id=area.id, until_us=None)
    }
    zones = {one.id: one for one in Zone.objects.using(MAIN).filter(until_us=None).order_by("id")}
    free = [one for one in zones.values() if one.id not in inside]
    found = [_joining(acts, area, free, reach.now_us)] if free else []
    for zone_id, held in inside.items():
        if zone_id in zones:
            found.append(_leaving(acts, held, zones[zone_id], reach.now_us))
    return found


def _joining(acts: AreaActs, area: Area, free: list[Zone], now_us: int) -> Deed:
    choices = tuple((str(one.id), (one.name, one.latin or one.name)) for one in free)
    zone = Field(
        name="zone", title=("功能区", "Zone"), kind="choice", choices=choices, is_required=True
    )
    return Deed(
        "zone_join",
        ("划入功能区", "Put into a zone"),
        lambda by, said: acts.keyed(by.key).join_zone(int(said["zone"]), area.id, said["since"]),
        (zone, SINCE),
        held={"since": now_us},
        icon="map-pin",
    )


def _leaving(acts: AreaActs, held: ZoneArea, zone: Zone, now_us: int) -> Deed:
    return Deed(
        f"zone_leave-{held.id}",
        ("划出功能区", "Take out of a zone"),
        lambda by, said: acts.keyed(by.key).leave_zone(held.id, said["until"]),
        (UNTIL,),
        held={"until": now_us},
        icon="circle-slash",
        note=word((zone.name, zone.latin or zone.name)),
    )
