"""Projections of accounts, administrators, identities, keys and subscriptions. Times are µs."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Projection


class KnownAccount(Projection):
    """Who may sign in, as the journal says; the id is the person's. Secrets are local."""

    id = models.BigIntegerField(primary_key=True)
    username = models.BinaryField()
    opened_us = models.BigIntegerField()
    is_disabled = models.BooleanField()

    class Meta:
        app_label = "register"
        db_table = "register_known_account"


class Administrator(Projection):
    """The one office that a person holds: the id is the person's, so two cannot be stored."""

    id = models.BigIntegerField(primary_key=True)
    office = models.CharField(max_length=8)
    since_us = models.BigIntegerField()

    class Meta:
        app_label = "register"
        db_table = "register_administrator"
        constraints = (
            models.CheckConstraint(
                condition=models.Q(office__in=("system", "security", "audit")),
                name="administrator_office",
            ),
        )


class Grant(Projection):
    """Who gave whom a post, for the audit."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    post_id = models.BigIntegerField()
    by_person_id = models.BigIntegerField(null=True)
    at_us = models.BigIntegerField()

    class Meta:
        app_label = "register"
        db_table = "register_grant"


class IdentityBinding(Projection):
    """A person's identity at another sign-in. identity: sealed."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    provider = models.CharField(max_length=32)
    identity = models.BinaryField()
    is_released = models.BooleanField()

    class Meta:
        app_label = "register"
        db_table = "register_identity_binding"


class IntegrationKey(Projection):
    """A key of another system; scenarios and verbs are JSON lists. The secret is local."""

    id = models.BigIntegerField(primary_key=True)
    person_id = models.BigIntegerField(db_index=True)
    name = models.CharField(max_length=64)
    scenarios = models.TextField()
    verbs = models.TextField()
    area_id = models.BigIntegerField(null=True)
    expires_us = models.BigIntegerField()
    is_revoked = models.BooleanField()
    by_person_id = models.BigIntegerField(null=True)

    class Meta:
        app_label = "register"
        db_table = "register_integration_key"


class Subscription(Projection):
    """A system that is told of events. ended: "", cancelled or failed. The secret is local."""

    id = models.BigIntegerField(primary_key=True)
    key_id = models.BigIntegerField(db_index=True)
    url = models.CharField(max_length=500)
    events = models.TextField()
    area_id = models.BigIntegerField(null=True)
    ended = models.CharField(max_length=9)

    class Meta:
        app_label = "register"
        db_table = "register_subscription"
