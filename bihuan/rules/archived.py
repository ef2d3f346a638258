"""Readings of closed days, as a backtest reads them: one series for each series of the journal."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bihuan.base.errors import bad
from bihuan.journal.archived import READINGS, lane_folder, manifests
from bihuan.journal.batch import QUALITY_GOOD
from bihuan.journal.storage import MAIN, reading_lanes
from bihuan.register.models import Subject
from bihuan.rules.channels import LINK
from bihuan.rules.rule import Rule
from bihuan.rules.tables import Table

KEY = ("subject", "device", "binding")


def archived_readings(scenario: str, rule: Rule) -> Table:
    """What a rule would be fed of the archive, by subject:device:binding; a bad value is NaN.

    Raises BadInputError where no day is closed yet.
    """
    folders = [
        lane_folder(manifest["day"], lane)
        for lane in reading_lanes()
        for manifest in manifests(lane)
        if READINGS in manifest["files"]  # a lane may have been without readings that day
    ]
    if not folders:
        raise bad("FILE", "none", "CSV or Parquet files, or a county with a closed day")
    is_link = rule.channel == LINK
    columns = [*KEY, "arrival_us" if is_link else "event_us", "value", "quality"]
    wanted = None if is_link else [("channel", "==", rule.channel), ("unit", "==", rule.unit)]
    parts = [
        pq.read_table(folder / READINGS, columns=columns, filters=wanted) for folder in folders
    ]
    found = pa.concat_tables(parts)
    subjects = Subject.objects.using(MAIN).filter(scenario=scenario).values_list("id", flat=True)
    found = found.filter(pc.is_in(found["subject"], pa.array(list(subjects), pa.int64())))
    return _table(found, is_link=is_link)


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
    )
