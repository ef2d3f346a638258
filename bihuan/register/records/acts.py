"""Doing something to a typed row: checked, appended and projected in one transaction.

Every call takes who does it (`By`); the same key again returns what it returned before. Refusals:
`ForbiddenError` (403), `TakenError` (409: who was first, when), `BadInputError` (422: every bad
field), `BrokenError` (a scenario's function broke; nothing is stored).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bihuan.base.errors import BadInputError, Fault, bad
from bihuan.base.ids import row_id
from bihuan.base.time import HOUR_US
from bihuan.journal.append import Appender
from bihuan.journal.models import FACTS_LANE
from bihuan.journal.rows import Rows
from bihuan.journal.storage import MAIN
from bihuan.register import schemes
from bihuan.register.entries import Actor
from bihuan.register.records import bound, entries, guards
from bihuan.register.records.correcting import corrected
from bihuan.register.records.doing import By, Doing, Split
from bihuan.register.records.facts import facts_of
from bihuan.register.records.models import Proposal
from bihuan.register.records.opened import file_opened
from bihuan.register.records.opening import Ledgers, Opening
from bihuan.register.records.reaching import call_out, tell
from bihuan.register.records.rows import Row, act_of, fields_of, read, type_of
from bihuan.register.records.sealing import key_ids, opened, sealed_text
from bihuan.register.refusals import ForbiddenError, TakenError
from bihuan.register.scheme import RecordAct, RecordType, Value

__all__ = ["By", "Ledger", "Opening"]


class Ledger(Ledgers):
    """Writes typed rows of one county. `open` and `sign` are in `opening`."""

    def act(self, row_id_: int, name: str, given: Mapping[str, Any], by: By) -> int:
        """Do a declared act; the id of what was appended (a proposal's, where it needs a second).

        A repeated key returns the earlier id.
        """
        idem = by.idem("act", name, row_id_)
        stands = guards.standing(row_id_, name, self._clock.now_us())
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            row = doing.row(row_id_)
            declared = act_of(row, name)
            actor = doing.actor(declared.roles, doing.at(row))
            _may_be_done(doing, row, declared, actor)
            said = doing.values(row.scenario, declared.fields, given, is_whole=True)
            _check(doing, row, declared, said.plain, stands)
            if declared.second:
                return _propose(doing, row, declared, (said, actor), idem)
            return _carry_out(doing, row, declared, (said, (actor, None, None)), idem)

    def confirm(self, proposal_id: int, by: By) -> int:
        """The second person confirms; the act holds from now on."""
        idem = by.idem("confirm", proposal_id)
        asked = Rows(MAIN).get(Proposal, proposal_id)
        now_us = self._clock.now_us()
        stands = [] if asked is None else guards.standing(asked.row_id, asked.act, now_us)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            proposal, row, declared, second = _second(doing, proposal_id)
            first = Actor(person_id=proposal.by_id, role=proposal.role, via=proposal.via)
            _may_be_done(doing, row, declared, second)
            held = opened(self._keys, proposal.sealed)
            if held is None:
                raise bad("proposal", proposal_id, "one whose person is not erased")
            said = Split(read(proposal.values), held)
            _check(doing, row, declared, said.plain, stands)
            return _carry_out(doing, row, declared, (said, (first, second, proposal_id)), idem)

    def decline(self, proposal_id: int, reason: str, by: By) -> int:
        """The second person says no, and why; the row stays as it is."""
        idem = by.idem("decline", proposal_id)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            _proposal, row, _declared, second = _second(doing, proposal_id)
            if not reason.strip():
                raise bad("reason", "nothing", "why, in a few words")
            said = entries.RowDeclined(
                row_id=row.id,
                proposal_id=proposal_id,
                reason=sealed_text(self._keys, key_ids(doing.rows, row), reason),
                by=second,
            )
            return doing.append(said, idem).id()

    def correct(
        self,
        row_id_: int,
        given: Mapping[str, Any],
        by: By,
        *,
        reason: str = "",
        seen: int | None = None,
    ) -> int:
        """Correct fields; the old values stay in the history.

        seen  the row's `version` that the person looked at: another one is `TakenError`.
        An immutable type, or a row in a final state, is never corrected without a reason.
        """
        idem = by.idem("correct", row_id_)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            row = doing.row(row_id_)
            editors = schemes.editors_of(row.scenario, row.kind)
            actor = doing.actor(editors, doing.at(row))
            if seen is not None and seen != row.version:
                raise TakenError(row.last_by, row.changed_us, row.state)
            return corrected(doing, row, given, (actor, reason), idem)

    def hold(self, row_id_: int, cause: str, by: By) -> int:
        """Keep a row from being closed or erased while something needs it; the hold's id."""
        return self._held(row_id_, cause, None, by)

    def free(self, hold_id: int, row_id_: int, by: By) -> int:
        """The cause of a hold is gone."""
        return self._held(row_id_, "", hold_id, by)

    def _held(self, row_id_: int, cause: str, hold_id: int | None, by: By) -> int:
        idem = by.idem("hold", row_id_, hold_id, cause)
        with Appender(FACTS_LANE, self._clock) as lane:
            if (earlier := lane.last_with(idem)) is not None:
                return row_id(earlier.position)
            doing = Doing(lane, self._keys, by)
            row = doing.row(row_id_)
            editors = schemes.editors_of(row.scenario, row.kind)
            actor = doing.actor(editors, doing.at(row))
            if hold_id is not None:
                freed = entries.RowFreed(row_id=row.id, hold_id=hold_id, by=actor)
                return doing.append(freed, idem).id()
            if not cause.strip() or len(cause) > 64:
                raise bad("cause", cause or "nothing", "1 to 64 characters, without a name")
            return doing.append(entries.RowHeld(row_id=row.id, cause=cause, by=actor), idem).id()


def _may_be_done(doing: Doing, row: Row, declared: RecordAct, actor: Actor) -> None:
    if actor.person_id is not None and actor.person_id in barred(row, declared):
        raise ForbiddenError
    if row.state not in declared.from_states or getattr(row, "ended_us", None) is not None:
        raise TakenError(row.last_by, row.changed_us, row.state)
    doing.must_be_free(row, declared.to or row.state)


def barred(row: Row, declared: RecordAct) -> set[int]:
    """Who may not do it, because another part was theirs."""
    done = read(row.done)
    return {person for name in declared.not_by for person in done.get(name, {"by": []})["by"]}


def _check(
    doing: Doing,
    row: Row,
    declared: RecordAct,
    plain: Mapping[str, Value],
    stands: Sequence[Fault],
) -> None:
    """Raises with what the row's own facts and what the guards said before say against it."""
    faults = list(stands)
    if declared.check is not None:
        facts = facts_of(doing.rows, row, doing.now_us, plain)
        faults += [Fault(*found) for found in declared.check(facts)]
    if faults:
        raise BadInputError(*faults)


def _propose(
    doing: Doing,
    row: Row,
    declared: RecordAct,
    given: tuple[Split, Actor],
    idem: bytes,
) -> int:
    for waiting in doing.rows.where(Proposal, row_id=row.id):
        if waiting.act == declared.name and waiting.state == "waiting":
            raise TakenError(waiting.by_id, waiting.proposed_us, row.state)
    said, actor = given
    entry = entries.RowProposed(
        row_id=row.id,
        act=declared.name,
        values=entries.said(said.plain),
        sealed=doing.seal(row, said.sealed),
        by=actor,
        expires_us=doing.now_us + declared.second_h * HOUR_US,
    )
    return doing.append(entry, idem).id()


def _second(doing: Doing, proposal_id: int) -> tuple[Proposal, Row, RecordAct, Actor]:
    proposal = doing.rows.get(Proposal, proposal_id)
    if proposal is None:
        raise ForbiddenError
    row = doing.row(proposal.row_id)
    declared = act_of(row, proposal.act)
    actor = doing.actor(declared.second, doing.at(row))
    if actor.person_id is None or actor.person_id == proposal.by_id:
        raise ForbiddenError  # a second person is another person, and never a machine
    if proposal.state != "waiting" or proposal.expires_us <= doing.now_us:
        raise TakenError(proposal.ended_by, proposal.ended_us, proposal.state)
    return proposal, row, declared, actor


_Who = tuple[Actor, Actor | None, int | None]  # who did it, who confirmed it, which proposal


def _carry_out(
    doing: Doing, row: Row, declared: RecordAct, given: tuple[Split, _Who], idem: bytes
) -> int:
    said, (actor, second, proposal_id) = given
    own, held = fields_of(row), read(row.values)
    mine = {n: v for n, v in said.plain.items() if n in own and held.get(n) != v}
    hidden = {n: v for n, v in said.sealed.items() if n in own}
    entry = entries.RowActed(
        row_id=row.id,
        act=declared.name,
        from_state=row.state,
        to_state=declared.to if declared.to is not None else row.state,
        before={name: held.get(name) for name in mine},
        after=entries.said(mine),
        extra=entries.said({n: v for n, v in said.plain.items() if n not in own}),
        sealed=doing.resealed(row, hidden),
        sealed_names=sorted(hidden),
        sealed_extra=doing.seal(row, {n: v for n, v in said.sealed.items() if n not in own}),
        by=actor,
        second=second,
        proposal_id=proposal_id,
    )
    identity = doing.append(entry, idem).id()
    if declared.opens is not None:
        file_opened(doing, row, declared.opens, actor, said.plain)
    of = type_of(row)
    if declared.releases is not None and isinstance(of, RecordType):
        bound.release(doing, row, of, str(said.plain[declared.releases]), actor)
    call_out(doing, row, declared, actor)
    tell(doing, row, declared)
    if declared.raises is not None:
        doing.raise_signal(row, declared.raises, declared.name)
    return identity
