"""Duplicates: proposed by what two parties share, decided by a person, undone where wrong."""

from __future__ import annotations

from collections import defaultdict

from bihuan.base.errors import Fault, bad
from bihuan.journal.append import Appender
from bihuan.register.areas.checks import refuse
from bihuan.register.entries import Actor
from bihuan.register.keyed import KeyedActs, once
from bihuan.register.parties import blind, entries
from bihuan.register.parties.models import Party, PartyMerge, ProposedDuplicate
from bihuan.register.parties.read import resolved


class DuplicateActs(KeyedActs):
    """Writes what is one and what is two."""

    def propose(self) -> list[int]:
        """Propose every pair that shares something and was not proposed before; the new rows' ids.

        Of many that share one thing each is paired with the one registered first. Kinds differ:
        nothing is proposed. A second run proposes nothing.
        """
        with self._lane() as lane:
            grounds: dict[tuple[int, int], list[str]] = defaultdict(list)
            for kind, ids in blind.shared():
                for other in ids[1:]:
                    grounds[ids[0], other].append(kind)
            return [
                propose_one(lane, pair, said, self._by)
                for pair, said in sorted(grounds.items())
                if is_new(lane, pair)
            ]

    @once
    def decline(self, proposed_id: int) -> None:
        """They are two: never proposed again."""
        with self._lane() as lane:
            held = lane.rows.get(ProposedDuplicate, proposed_id)
            if held is None or held.state != "open":
                raise bad("proposed_id", proposed_id, "a proposal that is open")
            lane.append(entries.DuplicateDeclined(proposed_id=proposed_id, by=self._by))

    @once
    def merge(self, loser_id: int, survivor_id: int, why: str = "") -> None:
        """They are one: what points to the loser leads to the survivor, and nothing is lost."""
        with self._lane() as lane:
            parties = [lane.rows.get(Party, loser_id), lane.rows.get(Party, survivor_id)]
            faults = []
            for field, identity, party in zip(
                ("loser_id", "survivor_id"), (loser_id, survivor_id), parties, strict=True
            ):
                if party is None:
                    faults.append(Fault(field, str(identity), "a registered party"))
                elif party.survivor_id is not None:
                    got, want = f"{identity}, merged", f"a party that stands: {party.survivor_id}"
                    faults.append(Fault(field, got, want))
            if loser_id == survivor_id:
                faults.append(Fault("survivor_id", str(survivor_id), "another party"))
            loser, survivor = parties
            if loser is not None and survivor is not None and loser.kind != survivor.kind:
                faults.append(Fault("survivor_id", f"a {survivor.kind}", f"a {loser.kind}"))
            refuse(faults)
            lane.append(
                entries.PartyMerged(
                    loser_id=loser_id, survivor_id=survivor_id, why=why, by=self._by
                )
            )

    @once
    def unmerge(self, loser_id: int, why: str = "") -> None:
        """They are two after all. What was said of the survivor meanwhile stays with it."""
        with self._lane() as lane:
            merges = lane.rows.where(PartyMerge, loser_id=loser_id)
            if all(merge.undone_us is not None for merge in merges):
                raise bad("loser_id", loser_id, "a party that was merged into another")
            lane.append(entries.PartyUnmerged(loser_id=loser_id, why=why, by=self._by))


def is_new(lane: Appender, pair: tuple[int, int]) -> bool:
    """Whether a pair was never proposed, is of one kind, and is not one already."""
    first, second = (lane.rows.get(Party, identity) for identity in pair)
    if first is None or second is None or first.kind != second.kind:
        return False
    if resolved(lane.rows, first.id) == resolved(lane.rows, second.id):
        return False
    held = lane.rows.where(ProposedDuplicate, first_id=pair[0])
    return all(proposed.second_id != pair[1] for proposed in held)


def propose_one(lane: Appender, pair: tuple[int, int], grounds: list[str], by: Actor | None) -> int:
    """Append one proposal inside the transaction at hand."""
    first, second = pair
    said = entries.DuplicateProposed(first_id=first, second_id=second, grounds=grounds, by=by)
    return lane.append(said).id()
