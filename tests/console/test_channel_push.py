"""The address to which providers push: found only by who knows its secret part."""

from __future__ import annotations

import pytest
from django.test import Client

from bihuan.journal.models import FACTS_LANE, Head
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.delivery.models import RefusedCallback
from bihuan.register.entries import Actor
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")
BODY = '[{"biz_id": "1^0", "success": true, "err_code": "DELIVERED"}]'


@pytest.fixture
def address(place: Place) -> str:
    """The address of an SMS account."""
    wanted = Wanted(
        "sms-1",
        "aliyun_sms",
        {"sign_name": "青禾县", "template_code": "SMS_1"},
        {"key_id": "a", "key_secret": "b"},
    )
    set_up(wanted, Actor(person_id=None, role="operator", via="test"), place.clock)
    return f"/push/sms-1/{vault.kept('sms-1')[vault.CALLBACK].reveal()}"


def post(address: str, body: str = BODY) -> int:
    client = Client(enforce_csrf_checks=True)
    return client.post(address, body, content_type="application/json").status_code


def test_push_of_an_unknown_message_is_taken_and_kept_as_refused(address: str) -> None:
    assert [post(address), post(address)] == [200, 200]
    assert RefusedCallback.objects.count() == 1


def test_push_that_cannot_be_read_is_a_bad_request(address: str) -> None:
    assert post(address, "{") == 400


@pytest.mark.parametrize("wrong", ["/push/sms-1/x", "/push/none/x", "/push/sms-1/%F0%9F%98%80"])
def test_stranger_finds_nothing_and_leaves_nothing(address: str, wrong: str) -> None:
    before = Head.objects.get(lane=FACTS_LANE).position
    assert post(wrong) == 404
    assert Client().get(wrong).status_code == 404
    assert Client().put(address, "x").status_code == 405
    assert Head.objects.get(lane=FACTS_LANE).position == before
