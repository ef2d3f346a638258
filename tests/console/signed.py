"""What a scenario's own tests need of the console: its clock, its keys, a browser signed in."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.test import Client

from bihuan.base.time import Clock
from bihuan.console import accounts, home
from bihuan.journal.keys import KeyRing
from tests.console.place import BACKEND, PASSWORD


def lane_clock() -> Clock:
    return home.clock()


def keys_of() -> KeyRing:
    return home.keys()


def sign_in(name: str, person_id: int) -> Client:
    """A browser in which this person is signed in."""
    if not User.objects.filter(username=name).exists():
        accounts.create(name, PASSWORD, person_id)
    client = Client()
    client.force_login(User.objects.get(username=name), backend=BACKEND)
    return client
