"""What lane 0 says about organisations, their members, and the end of posts."""

from __future__ import annotations

from typing import Literal

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor

Kind = Literal["department", "committee", "firm_unit", "group"]


@entry_type("organisation.registered.v1")
class OrganisationRegistered(Payload, frozen=True, kw_only=True):
    """party_id: the legal entity whose unit it is."""

    kind: Kind
    name: str
    latin: str
    area_id: int
    parent_id: int | None
    party_id: int | None
    from_us: int
    by: Actor | None = None


@entry_type("organisation.changed.v1")
class OrganisationChanged(Payload, frozen=True, kw_only=True):
    """A new name, area or place under another; None = as before."""

    organisation_id: int
    at_us: int
    name: str | None = None
    latin: str | None = None
    area_id: int | None = None
    parent_id: int | None = None
    by: Actor | None = None


@entry_type("organisation.ended.v1")
class OrganisationEnded(Payload, frozen=True, kw_only=True):
    organisation_id: int
    at_us: int
    by: Actor | None = None


@entry_type("organisation.joined.v1")
class OrganisationJoined(Payload, frozen=True, kw_only=True):
    organisation_id: int
    person_id: int
    from_us: int
    by: Actor | None = None


@entry_type("organisation.left.v1")
class OrganisationLeft(Payload, frozen=True, kw_only=True):
    """member_id: the membership that ends."""

    member_id: int
    until_us: int
    by: Actor | None = None


@entry_type("post.left.v1")
class PostLeft(Payload, frozen=True, kw_only=True):
    post_id: int
    until_us: int
    why: str = ""
    by: Actor | None = None
