"""What lane 0 says about numbers that rang. Written by whoever learned it, with what it learned."""

from __future__ import annotations

from bihuan.journal.payloads import Payload, entry_type


@entry_type("number.rang.v1")
class NumberRang(Payload, frozen=True, kw_only=True):
    """A person's number rang, or was answered, on a channel that rings.

    reach_id: the way to reach the person (`Reach`), so that a new number starts anew.
    """

    person_id: int
    reach_id: int
    is_answered: bool
