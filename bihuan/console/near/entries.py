"""What the views lane says of these pages."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("near_link.viewed.v1")
class NearLinkViewed(Payload, frozen=True, kw_only=True):
    """The page behind a link was opened. by: the person whose link it is."""

    link_id: int
    subject_id: int
    by: int
