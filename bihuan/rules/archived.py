"""Readings of closed days, as a backtest reads them: one series for each series of the journal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.base.errors import bad
from bihuan.journal.archived import READINGS, lane_folder, manifests
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.storage import MAIN, reading_lanes
from bihuan.register.models import Subject
from bihuan.rules.channels import LAT, LINK, LON, POSITION, UNIT_OF
from bihuan.rules.kernels.records import Bools
from bihuan.rules.kinds import PAIRED
from bihuan.rules.rule import Rule
from bihuan.rules.tables import Places, Table

KEY = ("subject", "device", "binding")
IN_ENTRY = ("position",)


def archived_readings(scenario: str, rule: Rule, only: frozenset[int] | None = None) -> Table:
    """What a rule would be fed of the archive, by subject:device:binding; a bad value is NaN.

    only  these subjects; None = every one of the scenario
    Raises BadInputError where no day is closed yet.
    """
    folders = [
        (lane, lane_folder(manifest["day"], lane))
        for lane in reading_lanes()
        for manifest in manifests(lane)
        if READINGS in manifest["files"]  # a lane may have been without readings that day
    ]
    if not folders:
        raise bad("FILE", "none", "CSV or Parquet files, or a county with a closed day")
    is_link = rule.channel == LINK
    watched = _watched(rule)
    columns = [*KEY, "arrival_us" if is_link else "event_us", "value", "quality", *IN_ENTRY]
    if len(watched) > 1:
        columns.append("channel")
    rows = [[("channel", "==", name), ("unit", "==", unit)] for name, unit in watched] or None
    parts = [
        _with_lane(pq.read_table(folder / READINGS, columns=columns, filters=rows), lane)
        for lane, folder in folders
    ]
    found = pa.concat_tables(parts)
    subjects = Subject.objects.using(MAIN).filter(scenario=scenario)
    if rule.subjects:
        subjects = subjects.filter(kind__in=rule.subjects)
    known = list(subjects.values_list("id", flat=True))
    wanted = known if only is None else [one for one in known if one in only]
    found = found.filter(pc.is_in(found["subject"], pa.array(wanted, pa.int64())))
    if is_link:  # as live: a bad row beside no good one came without the device
        found = found.filter(pc.equal(found["quality"], QUALITY_GOOD))
    if rule.channel == POSITION:
        return _in_pairs(_table(found, is_link=False), np.asarray(pc.equal(found["channel"], LAT)))
    table = _table(found, is_link=is_link)
    if rule.kind not in PAIRED:
        return table
    return replace(table, is_other=np.asarray(pc.equal(found["channel"], rule.typed["other"])))


def _watched(rule: Rule) -> list[tuple[str, str]]:
    """(channel, unit) of what a rule judges; nothing = whatever came."""
    if rule.channel == LINK:
        return []
    if rule.channel == POSITION:
        return [(LAT, UNIT_OF[POSITION]), (LON, UNIT_OF[POSITION])]
    names = [rule.channel, *([str(rule.typed["other"])] if rule.kind in PAIRED else [])]
    return [(name, UNIT_OF[name]) for name in names]


def _with_lane(part: pa.Table, lane: int) -> pa.Table:
    return part.append_column("lane", pa.array(np.full(len(part), lane, np.int16)))


def _in_pairs(table: Table, is_lat: Bools) -> Table:
    """As live: a latitude and the longitude that stands behind it, of one instant."""
    is_pair = is_lat[:-1] & ~is_lat[1:] & (table.slot[:-1] == table.slot[1:])
    first = np.flatnonzero(is_pair & (table.time_us[:-1] == table.time_us[1:]))
    longitude = table.value[first + 1]
    return replace(table.where(first), longitude=longitude)


def _table(found: pa.Table, *, is_link: bool) -> Table:
    names = pc.binary_join_element_wise(
        *(pc.fill_null(found[name].cast(pa.string()), "-") for name in KEY), ":"
    )
    coded = pc.dictionary_encode(names.combine_chunks())
    if is_link:
        value = np.ones(len(found))
    else:
        is_good = found["quality"].to_numpy() == QUALITY_GOOD
        value = np.where(is_good, found["value"].to_numpy(), np.nan)
    return Table(
        tuple(coded.dictionary.to_pylist()),
        coded.indices.to_numpy(zero_copy_only=False).astype(np.int32),
        found["arrival_us" if is_link else "event_us"].to_numpy(),
        value,
        None,
        (),
        place=Places(found["lane"].to_numpy(), found["position"].to_numpy()),
    )
