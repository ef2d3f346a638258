"""Secrets and sessions of sign-ins: of this installation alone, never in the journal."""

from __future__ import annotations

from django.db import models

from bihuan.journal.tables import Local


class OneTimeCode(Local):
    """A second step by an app on the phone (TOTP). secret: sealed for the person.

    step     newest time step that was used: a code is good once
    is_on    False until the person has typed a first code
    """

    account = models.OneToOneField("console.Account", models.CASCADE, related_name="totp")
    secret = models.BinaryField()
    step = models.BigIntegerField(default=0)
    is_on = models.BooleanField(default=False)

    class Meta:
        app_label = "console"
        db_table = "console_one_time_code"


class RecoveryCode(Local):
    """A code on paper for the day the phone is lost; good once. hash: of a password hasher."""

    account = models.ForeignKey("console.Account", models.CASCADE, related_name="codes")
    hash = models.CharField(max_length=128)

    class Meta:
        app_label = "console"
        db_table = "console_recovery_code"


class SecondTries(Local):
    """Wrong second steps of an account; until when no more are taken (µs, 0 = not locked)."""

    account = models.OneToOneField("console.Account", models.CASCADE, related_name="tries")
    wrong = models.SmallIntegerField(default=0)
    locked_until_us = models.BigIntegerField(default=0)

    class Meta:
        app_label = "console"
        db_table = "console_second_tries"


class Passkey(Local):
    """A public key whose private half never leaves the person's phone or token."""

    account = models.ForeignKey("console.Account", models.CASCADE, related_name="passkeys")
    credential = models.BinaryField(unique=True, max_length=1023)
    public_key = models.BinaryField()
    signs = models.BigIntegerField()
    name = models.CharField(max_length=64)
    made_us = models.BigIntegerField()
    used_us = models.BigIntegerField(null=True)

    class Meta:
        app_label = "console"
        db_table = "console_passkey"


class OpenSession(Local):
    """A signed-in browser, for its owner's list. key: of Django's session."""

    key = models.CharField(primary_key=True, max_length=40)
    account = models.ForeignKey("console.Account", models.CASCADE, related_name="sessions")
    began_us = models.BigIntegerField()
    seen_us = models.BigIntegerField()
    is_shared = models.BooleanField()
    browser = models.CharField(max_length=120)
    address = models.CharField(max_length=45)

    class Meta:
        app_label = "console"
        db_table = "console_open_session"


class OutsideIdentity(Local):
    """Who an identity at another sign-in is here. digest: keyed, of provider and identity."""

    digest = models.CharField(primary_key=True, max_length=64)
    account = models.ForeignKey("console.Account", models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=32)
    binding_id = models.BigIntegerField()

    class Meta:
        app_label = "console"
        db_table = "console_outside_identity"
