"""The slow twin of a rebuild: every entry of lane 0 projected onto nothing, held in memory."""

from __future__ import annotations

from typing import Any

from django.db import connections

from bihuan.journal.models import FACTS_LANE, Offset
from bihuan.journal.project import project
from bihuan.journal.read import entries
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.journal.tables import Projection, projections

Table = dict[Any, dict[str, Any]]


def differences(*, swap: bool = False) -> list[str]:
    """Every row of every projection that is not what the journal alone gives.

    swap: also replace the live rows by the rebuilt ones.
    """
    rows = Rows(MAIN, is_fresh=True)
    for entry in entries(FACTS_LANE):
        project(rows, entry)
    found = []
    for model in _compared():
        live, again = _live(model), _again(rows, model)
        for key in sorted(live.keys() | again.keys(), key=str):
            if live.get(key) != again.get(key):
                found.append(f"{model._meta.db_table} {key}: {live.get(key)} != {again.get(key)}")
    if swap:
        with connections[MAIN].cursor() as cursor:
            for model in _compared():
                cursor.execute(f'DELETE FROM "{model._meta.db_table}"')
        rows.flush()
    return found


def _compared() -> list[type[Projection]]:
    """An Offset belongs to who reads: it is not rebuilt."""
    return [model for model in projections() if model is not Offset]


def _again(rows: Rows, model: type[Projection]) -> Table:
    held = rows._table(model).rows  # the twin looks inside: there is no table to ask
    return {key: _plain(model, row) for key, row in held.items() if row is not None}


def _live(model: type[Projection]) -> Table:
    return {row.pk: _plain(model, row) for row in model.objects.using(MAIN).all()}


def _plain(model: type[Projection], row: Projection) -> dict[str, Any]:
    return {
        field.attname: bytes(found) if isinstance(found, memoryview) else found
        for field in model._meta.concrete_fields
        for found in [getattr(row, field.attname)]
    }
