"""Each table says what it is: fact, projection or local.

fact        the journal itself: appended, never changed but by erasure
projection  rebuilt from the journal; written only through `Rows`
local       passwords, sessions, leases: never in the journal, lost on a rebuild elsewhere
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, NoReturn, TypeVar

from django.apps import apps
from django.db import models

TableKind = Literal["fact", "projection", "local"]
M_co = TypeVar("M_co", bound=models.Model, covariant=True)

# Tables of the libraries below us; each is bound to this installation.
LIBRARY_TABLES: dict[str, TableKind] = {
    "auth": "local",
    "axes": "local",
    "contenttypes": "local",
    "sessions": "local",
}


class OutsideProjectorError(RuntimeError):
    """Somebody tried to write a projection or a fact past the journal."""


class ReadOnlyQuerySet(models.QuerySet[M_co]):
    """A queryset for reading: its writes would bypass the journal, so they raise."""

    def _refuse(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise OutsideProjectorError(
            f"{self.model._meta.label}: got a direct write, want an entry whose projector writes it"
        )

    create = get_or_create = update_or_create = _refuse
    bulk_create = bulk_update = update = delete = _refuse


class ReadOnlyModel(models.Model):
    """A table that only the journal's own SQL writes."""

    table_kind: ClassVar[TableKind]

    class Meta:
        abstract = True

    objects = ReadOnlyQuerySet.as_manager()

    def save(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise OutsideProjectorError(
            f"{self._meta.label}: got save(), want an entry whose projector writes it"
        )

    def delete(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise OutsideProjectorError(
            f"{self._meta.label}: got delete(), want an entry whose projector removes it"
        )


class Fact(ReadOnlyModel):
    """A table of the journal."""

    table_kind = "fact"

    class Meta:
        abstract = True


class Projection(ReadOnlyModel):
    """A table that a rebuild brings back to the row.

    `lookups` names the fields, besides the key, by which projectors may find rows. `is_compared`
    is False where a row also says how many entries were read at a time: it is rebuilt, and two
    that differ are both right.
    """

    table_kind = "projection"
    lookups: ClassVar[tuple[str, ...]] = ()
    is_compared: ClassVar[bool] = True

    class Meta:
        abstract = True


class Local(models.Model):
    """A table of this installation alone."""

    table_kind: ClassVar[TableKind] = "local"

    class Meta:
        abstract = True


def kind_of(model: type[models.Model]) -> TableKind:
    """What a table is; a table that does not say stops the process."""
    declared: TableKind | None = getattr(model, "table_kind", None)
    if declared is None:
        declared = LIBRARY_TABLES.get(model._meta.app_label)
    if declared is None:
        raise LookupError(f"{model._meta.label}: got no table_kind, want fact, projection or local")
    return declared


def projections() -> list[type[Projection]]:
    """Every projection, in the order in which they can be created."""
    found = [model for model in apps.get_models() if issubclass(model, Projection)]
    return sorted(found, key=lambda model: model._meta.db_table)
