"""What lane 0 says about imports and exports. The rows themselves come as what they are."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Which = Literal["all", "good"]


@entry_type("import.published.v1")
class ImportPublished(Payload, frozen=True, kw_only=True):
    """Somebody published a checked file: its rows follow, each as the entries of its kind.

    digest  SHA-256 of the file; rows: how many follow; left_out: faulty ones that do not;
    which   `all`: the file had no fault · `good`: exactly the good rows, as the person chose
    """

    kind: str
    digest: str
    rows: int
    left_out: int
    which: Which
    by: Actor


@entry_type("import.finished.v1")
class ImportFinished(Payload, frozen=True, kw_only=True):
    """All rows were tried. refused: rows that no longer held when their turn came."""

    import_id: int
    done: int
    refused: int


@entry_type("export.made.v1")
class ExportMade(Payload, frozen=True, kw_only=True):
    """Somebody took rows out. digest: SHA-256 of the file; is_open: nothing was masked."""

    kind: str
    rows: int
    filters: dict[str, str]
    is_open: bool
    digest: str
    by: Actor


@entry_type("export.viewed.v1")
class ExportViewed(Payload, frozen=True, kw_only=True):
    """Lane of views: rows left with nothing masked. by: the person; digest: of the file."""

    kind: str
    rows: int
    filters: dict[str, str]
    digest: str
    by: int
    purpose: str
