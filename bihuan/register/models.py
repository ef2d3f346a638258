"""Projections of the register. Times are µs; texts that name a person are sealed."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from bihuan.journal.tables import Projection
from bihuan.register.areas import models as _areas  # noqa: F401 - so that Django finds the tables
from bihuan.register.history import models as _history  # noqa: F401 - as above
from bihuan.register.organisations import models as _organisations  # noqa: F401 - as above
from bihuan.register.parties import models as _parties  # noqa: F401 - as above
from bihuan.register.typed import TypedRow


class County(Projection):
    id = models.BigIntegerField(primary_key=True)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    mode = models.CharField(max_length=8)

    class Meta:
        db_table = "register_county"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(mode__in=("demo", "drill", "live")), name="county_mode"
            ),
        )


class Area(Projection):
    """An area as it is now, or as it last was where it was merged.

    path          ids from the county down to here, a dot after each: a subtree is a prefix; a
                  merged area lies in its successor, so that who answers there answers for it
    until_us      since when it is merged; successor_id: into what
    """

    id = models.BigIntegerField(primary_key=True)
    code = models.CharField(max_length=32, db_index=True)
    name = models.CharField(max_length=64)
    latin = models.CharField(max_length=64)
    level = models.CharField(max_length=16)
    parent_id = models.BigIntegerField(null=True)
    path = models.CharField(max_length=500, db_index=True)
    outline = models.TextField()
    schematic = models.BooleanField(default=True)
    until_us = models.BigIntegerField(null=True)
    successor_id = models.BigIntegerField(null=True)
    derived: ClassVar[tuple[str, ...]] = ("path",)

    class Meta:
        db_table = "register_area"
        constraints = (
            models.UniqueConstraint(
                fields=("code",), condition=models.Q(until_us=None), name="area_code_once"
            ),
        )


class Person(Projection):
    """died_us: None while nothing else is known."""

    id = models.BigIntegerField(primary_key=True)
    name = models.BinaryField()
    latin = models.BinaryField()
    phone = models.BinaryField(null=True)
    died_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_person"


class Reach(Projection):
    """A way to reach a person."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    channel = models.CharField(max_length=32)
    address = models.BinaryField()
    rank = models.SmallIntegerField()
    lookups = ("person_id",)

    class Meta:
        db_table = "register_reach"


class Post(Projection):
    """A person in a role for an area, or for an organisation and its area, from-to."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    role = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField(null=True)
    organisation_id = models.BigIntegerField(null=True, db_index=True)
    is_single = models.BooleanField(default=False)
    is_head = models.BooleanField(default=False)
    lookups = ("area_id", "organisation_id", "person_id")

    class Meta:
        db_table = "register_post"


class Duty(Projection):
    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    role = models.CharField(max_length=32)
    area_id = models.BigIntegerField(db_index=True)
    from_us = models.BigIntegerField()
    until_us = models.BigIntegerField()
    lookups = ("area_id",)

    class Meta:
        db_table = "register_duty"


class Subject(TypedRow):
    """A party or a thing in a role that a scenario watches or serves.

    person_id  the person behind it; party_id: another party; name: of a thing of its own. One of
               them, never a personal name in `name`
    ended_us   moved away, died, closed: kept, and owes nothing more
    """

    person_id = models.BigIntegerField(null=True, db_index=True)
    party_id = models.BigIntegerField(null=True, db_index=True)
    name = models.CharField(max_length=64, null=True)
    address = models.BinaryField(null=True)
    note = models.BinaryField(null=True)
    ended_us = models.BigIntegerField(null=True)
    end_reason = models.CharField(max_length=32, null=True)
    lookups = ("person_id",)

    class Meta:
        db_table = "register_subject"
        indexes = (
            models.Index(
                fields=("scenario", "kind", "opened_us"),
                condition=models.Q(ended_us__isnull=True),
                name="register_subject_first",
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(
                    person_id__isnull=False, party_id__isnull=True, name__isnull=True
                )
                | models.Q(person_id__isnull=True, party_id__isnull=False, name__isnull=True)
                | models.Q(person_id__isnull=True, party_id__isnull=True, name__isnull=False),
                name="subject_is_one_thing",
            ),
        )

    @property
    def key_id(self) -> int:
        """Whose key seals what is said of it: its person's, else its own."""
        return self.id if self.person_id is None else self.person_id


class Contact(Projection):
    id = models.BigIntegerField(primary_key=True)
    subject_id = models.BigIntegerField(db_index=True)
    person_id = models.BigIntegerField(db_index=True)
    relation = models.CharField(max_length=32)
    rank = models.SmallIntegerField()
    lookups = ("subject_id",)

    class Meta:
        db_table = "register_contact"


class Device(Projection):
    """binding_id: the entry that bound it; a new binding starts new series."""

    id = models.BigIntegerField(primary_key=True)
    protocol = models.CharField(max_length=32)
    number = models.CharField(max_length=64)
    model = models.CharField(max_length=64, null=True)
    subject_id = models.BigIntegerField(null=True, db_index=True)
    binding_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "register_device"
        constraints = (models.UniqueConstraint(fields=("protocol", "number"), name="device_once"),)


class RefusedFrame(Projection):
    """A frame that could not be used, for the device page and for adoption of unknown devices."""

    id = models.BigIntegerField(primary_key=True)
    protocol = models.CharField(max_length=32)
    device = models.CharField(max_length=64, null=True)
    raw = models.BinaryField()
    faults = models.TextField()
    recorded_us = models.BigIntegerField()

    class Meta:
        db_table = "register_refused_frame"


# every table of the app is known to Django through this module
from bihuan.register.accounts.models import (  # noqa: E402, F401 - Django finds tables by this module
    Administrator,
    Grant,
    IdentityBinding,
    IntegrationKey,
    KnownAccount,
    Subscription,
)
from bihuan.register.consents.models import Consent, ConsentAge  # noqa: E402, F401
from bihuan.register.devices.models import Binding  # noqa: E402, F401
from bihuan.register.imports.models import Import  # noqa: E402, F401
from bihuan.register.near.models import NearLink  # noqa: E402, F401 - part of this app
from bihuan.register.numbers.models import NumberRang  # noqa: E402, F401 - models of a subpackage
from bihuan.register.observations.models import Observation  # noqa: E402, F401 - part of this app
from bihuan.register.orders.models import DeviceOrder  # noqa: E402, F401 - part of this app
from bihuan.register.records.models import Record  # noqa: E402, F401
from bihuan.register.retention.models import RetentionRule  # noqa: E402, F401
from bihuan.register.rosters.models import (  # noqa: E402, F401 - Django finds an app's models here
    Roster,
    RosterOverride,
    RosterPattern,
    Swap,
)
from bihuan.register.search.models import (  # noqa: E402, F401
    SearchOffset,
    SearchRow,
    SearchToken,
)
from bihuan.register.senders.models import SenderKey  # noqa: E402, F401 - part of this app
from bihuan.register.spools.models import SpoolOffset  # noqa: E402, F401 - part of this app
from bihuan.register.warnings.models import OfficialWarning, WarningMention  # noqa: E402, F401 - part of this app
