"""Tables of this installation's pages: accounts, boards that can be heard, demo presses."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bihuan.journal.tables import Local


class Account(Local):
    """Whose a sign-in is: a user of Django joined to a person of the register.

    must_change     the password is a one-time one: it opens the page that sets another, no more
    one_time_until_us  after this a one-time password opens nothing
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="account")
    person_id = models.BigIntegerField(unique=True)
    must_change = models.BooleanField(default=False)
    one_time_until_us = models.BigIntegerField(null=True)

    class Meta:
        db_table = "console_account"


class Listener(Local):
    """An open duty board: when it was last seen and whether it can be heard."""

    token = models.CharField(primary_key=True, max_length=36)
    person_id = models.BigIntegerField()
    seen_us = models.BigIntegerField()
    is_audible = models.BooleanField()

    class Meta:
        db_table = "console_listener"


class DemoPress(Local):
    """Somebody held the key of a simulated band; the simulator takes it up."""

    number = models.CharField(max_length=64)
    bits = models.CharField(max_length=32)
    is_done = models.BooleanField(default=False)

    class Meta:
        db_table = "console_demo_press"


from bihuan.console.access.models import ApiSecret, KeptAnswer  # noqa: E402, F401 - found by Django here
from bihuan.console.hooks.models import Hook, HookCall  # noqa: E402, F401 - the same
from bihuan.console.reporting.models import OpenVisit  # noqa: E402, F401 - the same
from bihuan.console.signin.models import (  # noqa: E402, F401 - the same
    OneTimeCode,
    OpenSession,
    OutsideIdentity,
    Passkey,
    RecoveryCode,
    SecondTries,
)
from bihuan.console.tuning.models import Trial  # noqa: E402, F401 - the same
