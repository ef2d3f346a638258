"""Tables of this installation's pages: accounts, boards that can be heard, demo presses."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bihuan.journal.tables import Local


class Account(Local):
    """Whose a sign-in is: a user of Django joined to a person of the register."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="account")
    person_id = models.BigIntegerField(unique=True)

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
