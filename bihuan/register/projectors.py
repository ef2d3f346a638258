"""Register entries become rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.payloads import Payload
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.journal.tables import Projection
from bihuan.register import entries, models
from bihuan.register.areas import projectors as _areas  # noqa: F401 - registers its projectors
from bihuan.register.history.book import Book
from bihuan.register.organisations import projectors as _organisations  # noqa: F401 - as above
from bihuan.register.parties import projectors as _parties  # noqa: F401 - as above

COUNTY_ROW = 1


@projects(entries.CountyNamed)
def county_named(rows: Rows, entry: Recorded[entries.CountyNamed]) -> None:
    said = entry.payload
    rows.put(models.County, id=COUNTY_ROW, name=said.name, latin=said.latin, mode=said.mode)


@projects(entries.ModeSet)
def mode_set(rows: Rows, entry: Recorded[entries.ModeSet]) -> None:
    rows.change(models.County, COUNTY_ROW).mode = entry.payload.mode


# what an entry names must be registered: an SOS must never lead to nowhere
REFERS_TO: Mapping[str, type[Projection]] = {
    "person_id": models.Person,
    "area_id": models.Area,
    "subject_id": models.Subject,
}
# entries whose fields are a new row's columns, one for one
AS_IT_STANDS: Mapping[type[Payload], type[Projection]] = {
    entries.DutyAssigned: models.Duty,
    entries.ContactNamed: models.Contact,
    entries.DeviceAdopted: models.Device,
}


def must_be(rows: Rows, said: Mapping[str, Any]) -> None:
    """Refuse an entry that names what is not registered; None names nothing."""
    for field, model in REFERS_TO.items():
        if said.get(field) is not None and rows.get(model, said[field]) is None:
            raise bad(field, said[field], f"a registered {model._meta.model_name}")


def _added(rows: Rows, entry: Recorded[Any]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    said.pop("by", None)
    must_be(rows, said)
    book = Book(rows, entry, said.get("from_us"))
    book.registered(AS_IT_STANDS[type(entry.payload)], id=entry.id(), **said)


for _payload in AS_IT_STANDS:
    projects(_payload)(_added)


@projects(entries.ContactEnded)
def contact_ended(rows: Rows, entry: Recorded[entries.ContactEnded]) -> None:
    contact_id = entry.payload.contact_id
    contact = rows.get(models.Contact, contact_id)
    if contact is None:
        raise bad("contact_id", contact_id, "a contact that stands")
    Book(rows, entry).note("subject", contact.subject_id, "contact", contact.person_id, None)
    rows.remove(models.Contact, contact_id)


@projects(entries.FrameRefused)
def frame_refused(rows: Rows, entry: Recorded[entries.FrameRefused]) -> None:
    said = entry.payload
    rows.new(
        models.RefusedFrame,
        id=entry.id(),
        protocol=said.protocol,
        device=said.device,
        raw=said.raw,
        faults=msgspec.json.encode(said.faults).decode(),
        recorded_us=entry.recorded_us,
    )
