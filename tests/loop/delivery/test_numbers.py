"""A reply's number is found by a blind index: hashed once, never opened again, never kept plain."""

from __future__ import annotations

import pytest

from bihuan.base.time import DAY_US
from bihuan.loop.delivery import numbers
from bihuan.loop.delivery.models import PhoneToken, Sending
from bihuan.register.models import Reach
from tests.loop.delivery.desk import SECRETARY, Desk
from tests.loop.delivery.test_callbacks import called, reply

pytestmark = pytest.mark.django_db(transaction=True, databases="__all__")


def test_reply_hashes_what_was_written_to_once_and_keeps_no_number(desk: Desk) -> None:
    called(desk, "aliyun_sms", "sms")
    assert not PhoneToken.objects.exists()
    desk.push("aliyun_sms", reply("13912345678", "1"))
    first = dict(PhoneToken.objects.values_list("reach_id", "token"))
    written_to = set(Sending.objects.exclude(reach_id=None).values_list("reach_id", flat=True))
    assert set(first) == written_to
    assert all(len(token) == 64 and SECRETARY not in token for token in first.values())
    desk.push("aliyun_sms", reply(SECRETARY, "1", 2))
    assert dict(PhoneToken.objects.values_list("reach_id", "token")) == first
    assert desk.case.owner_id == desk.people.secretary


@pytest.mark.parametrize("number", [SECRETARY, f"+86{SECRETARY}", f"86{SECRETARY}"])
def test_number_is_found_however_the_carrier_writes_it(desk: Desk, number: str) -> None:
    called(desk, "aliyun_sms", "sms")
    since_us = desk.clock.now_us() - DAY_US
    found = numbers.reaches_of(number, "aliyun_sms", since_us, desk.keys)
    people = set(Reach.objects.filter(id__in=found).values_list("person_id", flat=True))
    assert people == {desk.people.secretary}
    for wrong in ("", "x", "13912345678", SECRETARY[:-1]):
        assert numbers.reaches_of(wrong, "aliyun_sms", since_us, desk.keys) == set()


def test_index_of_lost_keys_is_made_anew_and_the_erased_leave_it(desk: Desk) -> None:
    called(desk, "aliyun_sms", "sms")
    since_us = desk.clock.now_us() - DAY_US
    assert numbers.reaches_of(SECRETARY, "aliyun_sms", since_us, desk.keys)
    PhoneToken.objects.update(token="0" * 64)  # as under other keys
    assert numbers.reaches_of(SECRETARY, "aliyun_sms", since_us, desk.keys) == set()
    numbers.forget_all()
    assert numbers.reaches_of(SECRETARY, "aliyun_sms", since_us, desk.keys)
    numbers.forget([desk.people.secretary])
    mine = Reach.objects.filter(person_id=desk.people.secretary).values("id")
    assert not PhoneToken.objects.filter(reach_id__in=mine).exists()
