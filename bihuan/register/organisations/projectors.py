"""Entries about organisations and posts become rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from bihuan.base.errors import bad
from bihuan.journal.project import Recorded, projects
from bihuan.journal.rows import Rows
from bihuan.journal.tables import Projection
from bihuan.register.entries import PostHeld
from bihuan.register.history.book import Book
from bihuan.register.models import Area, Person, Post
from bihuan.register.organisations import entries
from bihuan.register.organisations.models import Member, Organisation

_REFERS_TO: Mapping[str, type[Projection]] = {
    "person_id": Person,
    "area_id": Area,
    "organisation_id": Organisation,
    "parent_id": Organisation,
}
_AS_IT_STANDS: Mapping[type[Any], type[Projection]] = {
    PostHeld: Post,
    entries.OrganisationRegistered: Organisation,
    entries.OrganisationJoined: Member,
}


def _added(rows: Rows, entry: Recorded[Any]) -> None:
    said = msgspec.structs.asdict(entry.payload)
    del said["by"]
    for field, model in _REFERS_TO.items():
        if said.get(field) is not None and rows.get(model, said[field]) is None:
            raise bad(field, said[field], f"a registered {model._meta.model_name}")
    book = Book(rows, entry, said["from_us"])
    book.registered(_AS_IT_STANDS[type(entry.payload)], id=entry.id(), **said)


for _payload in _AS_IT_STANDS:
    projects(_payload)(_added)


@projects(entries.OrganisationChanged)
def organisation_changed(rows: Rows, entry: Recorded[entries.OrganisationChanged]) -> None:
    said = entry.payload
    names = ("name", "latin", "area_id", "parent_id")
    new = {name: getattr(said, name) for name in names if getattr(said, name) is not None}
    Book(rows, entry, said.at_us).change(Organisation, said.organisation_id, **new)


@projects(entries.OrganisationEnded)
def organisation_ended(rows: Rows, entry: Recorded[entries.OrganisationEnded]) -> None:
    """Memberships and posts that would outlast it end with it."""
    said = entry.payload
    book = Book(rows, entry, said.at_us)
    book.change(Organisation, said.organisation_id, until_us=said.at_us)
    for held in held_in(rows, said.organisation_id):
        if held.until_us is None or held.until_us > said.at_us:
            book.change(type(held), held.id, until_us=said.at_us)


def held_in(rows: Rows, organisation_id: int) -> list[Member | Post]:
    """Every membership and post of an organisation."""
    found: list[Member | Post] = [*rows.where(Member, organisation_id=organisation_id)]
    return [*found, *rows.where(Post, organisation_id=organisation_id)]


@projects(entries.OrganisationLeft)
def organisation_left(rows: Rows, entry: Recorded[entries.OrganisationLeft]) -> None:
    said = entry.payload
    Book(rows, entry, said.until_us).change(Member, said.member_id, until_us=said.until_us)


@projects(entries.PostLeft)
def post_left(rows: Rows, entry: Recorded[entries.PostLeft]) -> None:
    said = entry.payload
    Book(rows, entry, said.until_us).change(Post, said.post_id, until_us=said.until_us)
