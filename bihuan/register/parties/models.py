"""Tables of parties: each once, their households, their merging; and the blind index, local."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local, Projection


class Party(Projection):
    """A person, household, legal entity, estate or plot. A person's texts stand in `Person`.

    code         unified social credit code of a legal entity; number of a household or plot
    address      sealed with the party's own id
    survivor_id  the party that this one was merged into, to the last; None: it stands for itself
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=128, default="")
    latin = models.CharField(max_length=128, default="")
    code = models.CharField(max_length=32, null=True, db_index=True)
    area_id = models.BigIntegerField(null=True, db_index=True)
    address = models.BinaryField(null=True)
    survivor_id = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        db_table = "register_party"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=("person", "household", "legal_entity", "estate", "plot")
                ),
                name="party_kind",
            ),
        )


class Identity(Projection):
    """A person's identity number, sealed."""

    person_id = models.BigIntegerField(primary_key=True)
    number = models.BinaryField()

    class Meta:
        db_table = "register_identity"


class HouseholdMember(Projection):
    """A person in a household from-to, as its head or not."""

    id = models.BigIntegerField(primary_key=True)
    household_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    is_head = models.BooleanField()
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    lookups = ("household_id", "person_id")

    class Meta:
        db_table = "register_household_member"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(until_us=None) | models.Q(until_us__gt=models.F("from_us")),
                name="household_member_in_order",
            ),
        )


class PartyMerge(Projection):
    """One party merged into another. undone_us: when it was taken back."""

    id = models.BigIntegerField(primary_key=True)
    loser_id = models.BigIntegerField(db_index=True)
    survivor_id = models.BigIntegerField(db_index=True)
    merged_us = models.BigIntegerField()
    undone_us = models.BigIntegerField(null=True)
    lookups = ("loser_id", "survivor_id")

    class Meta:
        db_table = "register_party_merge"


class ProposedDuplicate(Projection):
    """Two parties that may be one, for a person to decide. state: open, merged or declined.

    grounds  what is the same, comma between: identity, code, name_phone, name_address
    """

    id = models.BigIntegerField(primary_key=True)
    first_id = models.BigIntegerField(db_index=True)
    second_id = models.BigIntegerField(db_index=True)
    grounds = models.CharField(max_length=64)
    state = models.CharField(max_length=8, default="open")
    proposed_us = models.BigIntegerField()
    decided_us = models.BigIntegerField(null=True)
    lookups = ("first_id", "second_id")

    class Meta:
        db_table = "register_proposed_duplicate"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state__in=("open", "merged", "declined")),
                name="proposed_duplicate_state",
            ),
            models.UniqueConstraint(fields=("first_id", "second_id"), name="proposed_once"),
            models.CheckConstraint(
                condition=models.Q(first_id__lt=models.F("second_id")), name="proposed_in_order"
            ),
        )


class BlindIndex(Local):
    """A keyed hash of what two parties may share: found equal without being told.

    Local, so that nothing of an erased person stays in the journal; `reindex` makes it anew.
    """

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=16)
    token = models.CharField(max_length=64)

    class Meta:
        db_table = "register_blind_index"
        constraints = (
            models.UniqueConstraint(fields=("party_id", "kind", "token"), name="blind_once"),
        )
        indexes = (models.Index(fields=("kind", "token"), name="blind_index_token"),)
