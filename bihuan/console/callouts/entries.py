"""What the views lane says about call-outs: who read the names and numbers of which one."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("call_out.viewed.v1")
class CallOutViewed(Payload, frozen=True, kw_only=True):
    """Somebody saw names, and numbers where purpose is page, paper or api, of a call-out."""

    call_out_id: int
    persons: int
    by: int
    purpose: str
