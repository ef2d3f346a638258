"""`doctor` and `bihuan channel` read the real set-up."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from bihuan.base.time import GuardedClock
from bihuan.loop.delivery.accounts import Accounts, waking_channels
from bihuan.loop.delivery.models import ChannelAccount, ChannelSecret
from bihuan.wiring.commands import channels
from bihuan.wiring.commands.channels import channel_group
from bihuan.wiring.doctor import examine
from tests.loop.delivery.desk import KEY, Desk

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]


def checked(desk: Desk) -> dict[str, str]:
    accounts = Accounts()
    waking = waking_channels(accounts)
    found = examine(GuardedClock(desk.clock), waking, accounts.all())
    return {one.check: one.state for one in found}


def test_doctor_wants_two_channels_that_can_wake_and_send(desk: Desk) -> None:
    desk.only_by("sms")
    desk.only_by("voice")
    assert checked(desk)["waking channels"] == "fail"
    desk.account("aliyun_sms", wakes=True)
    assert checked(desk)["waking channels"] == "fail"
    desk.account("aliyun_voice", wakes=False)
    assert checked(desk)["waking channels"] == "fail"
    desk.account("aliyun_voice", wakes=True)
    assert checked(desk)["waking channels"] == "ok"
    assert checked(desk)["channel accounts"] == "ok"
    ChannelSecret.objects.filter(account="aliyun_voice", name="key_id").delete()
    assert checked(desk)["waking channels"] == "fail"
    assert checked(desk)["channel accounts"] == "fail"


def bihuan(*words: str, said: str = "") -> tuple[int, str, str]:
    done = CliRunner().invoke(channel_group, list(words), input=said)
    return done.exit_code, done.stdout, done.stderr


def test_channel_command_sets_up_lists_and_takes_down(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "clock", lambda: desk.clock)
    wanted = {
        "account": "sms-a",
        "provider": "aliyun_sms",
        "fields": {"sign_name": "青禾县", "template_code": "SMS_1"},
        "secrets": KEY,
        "wakes": True,
        "rates": [
            {
                "messages": 20,
                "seconds": 1,
                "source": "contract",
                "effective_from": "2026-01-01",
                "region": "青禾县",
            }
        ],
    }
    code, out, err = bihuan("set-up", "-", said=json.dumps(wanted))
    assert code == 0, err
    assert "/push/sms-a/" in err
    assert not any(secret in out + err for secret in KEY.values())
    code, out, err = bihuan("list", "--json")
    assert json.loads(out)["channel"] == "sms"
    bad = json.dumps({**wanted, "lines": 0, "colour": "red"})
    code, out, err = bihuan("set-up", "-", said=bad)
    assert code == 1
    assert "colour" in err
    strict = json.dumps({**wanted, "lines": 0, "rank": 100})
    code, out, err = bihuan("set-up", "-", said=strict)
    assert (code, "lines" in err, "rank" in err) == (1, True, True)
    code, _out, err = bihuan("take-down", "sms-a", "--reason", "the contract is over")
    assert code == 0, err
    assert not ChannelAccount.objects.get().is_active
