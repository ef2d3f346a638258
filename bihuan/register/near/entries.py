"""What lane 0 says about links to pages without an account."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type
from bihuan.register.entries import Actor


@entry_type("near_link.given.v1")
class NearLinkGiven(Payload, frozen=True, kw_only=True):
    """A contact of a subject gets a link of their own; who gave it answers their questions."""

    subject_id: int
    person_id: int
    by: Actor


@entry_type("near_link.revoked.v1")
class NearLinkRevoked(Payload, frozen=True, kw_only=True):
    """The link opens nothing any more. by: an official, or the contact through the link itself."""

    link_id: int
    by: Actor
