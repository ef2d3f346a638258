"""Accounts: every fault named, secrets out of the journal, each provider end to end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bihuan.base.errors import BadInputError
from bihuan.journal.models import Entry
from bihuan.loop.delivery import vault
from bihuan.loop.delivery.accounts import Accounts, waking_channels
from bihuan.loop.delivery.acts import Wanted, set_up, take_down
from bihuan.loop.delivery.models import ChannelSecret
from bihuan.loop.models import Delivery
from bihuan.loop.providers import PROVIDERS
from tests.loop.delivery.desk import BY, KEY, Desk, rate
from tests.loop.providers.bodies import KINDS, TOKEN
from tests.loop.providers.conftest import provider  # noqa: F401 - the fixture of a provider on loopback
from tests.loop.providers.loopback import Loopback, Played
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
GOOD = Wanted("sms-1", "aliyun_sms", {"sign_name": "青禾县", "template_code": "SMS_1"}, KEY)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"provider": "pigeon"}, ["provider"]),
        ({"account": "Sms 1"}, ["account"]),
        ({"fields": {}}, ["sign_name", "template_code"]),
        ({"secrets": {}}, ["key_id", "key_secret"]),
        ({"fields": {**GOOD.fields, "colour": "red"}}, ["colour"]),
        ({"fields": {**GOOD.fields, "key_secret": "x"}}, ["key_secret"]),
        ({"fields": {**GOOD.fields, "endpoint": "http://sms.example.org"}}, ["endpoint"]),
        ({"lines": 0, "rank": 100, "hold_s": -1}, ["lines", "hold_s", "rank"]),
        ({"channel": "voice"}, ["channel"]),
        ({"rates": (rate(0, 1),)}, ["rates"]),
        ({"templates": {"Ask!": "x"}}, ["templates"]),
    ],
)
def test_account_with_faults_is_refused_with_each(
    desk: Desk, changes: dict[str, Any], fields: list[str]
) -> None:
    before = desk.position
    with pytest.raises(BadInputError) as refused:
        set_up(replace(GOOD, **changes), BY, desk.clock)
    assert [fault.field for fault in refused.value.faults] == fields
    assert desk.position == before
    assert not ChannelSecret.objects.exists()


def test_account_that_cannot_wake_is_not_set_up_as_waking(desk: Desk) -> None:
    fields = {"host": "mail.example.org", "port": "465", "sender": "a@example.org"}
    with pytest.raises(BadInputError):
        set_up(Wanted("mail", "mail", fields, wakes=True), BY, desk.clock)


def test_secrets_stand_neither_in_the_journal_nor_readable_in_the_table(desk: Desk) -> None:
    set_up(GOOD, BY, desk.clock)
    said = b"".join(bytes(entry.body or b"") for entry in Entry.objects.all())
    kept = b"".join(bytes(row.sealed) for row in ChannelSecret.objects.all())
    for secret in KEY.values():
        assert secret.encode() not in said + kept
        assert secret not in repr(GOOD)
    assert vault.kept("sms-1")["key_secret"].reveal() == KEY["key_secret"]
    assert differences() == []


def test_account_changed_keeps_its_secrets_and_its_address_for_pushes(desk: Desk) -> None:
    set_up(GOOD, BY, desk.clock)
    before = vault.kept("sms-1")
    set_up(replace(GOOD, secrets={}, rank=3), BY, desk.clock)
    after = vault.kept("sms-1")
    assert {n: s.reveal() for n, s in before.items()} == {n: s.reveal() for n, s in after.items()}


def test_accounts_are_read_again_when_one_changes(desk: Desk) -> None:
    accounts = Accounts()
    accounts.refresh()
    assert accounts.all() == []
    set_up(replace(GOOD, wakes=True), BY, desk.clock)
    assert waking_channels(accounts) == {"sms"}
    first = accounts.get("sms-1")
    accounts.refresh()
    assert accounts.get("sms-1") is first  # with its access token
    set_up(replace(GOOD, rank=2), BY, desk.clock)
    assert waking_channels(accounts) == set()
    take_down("sms-1", "over", BY, desk.clock)
    accounts.refresh()
    assert accounts.all() == []
    with pytest.raises(BadInputError):
        take_down("sms-1", "over", BY, desk.clock)


def test_account_whose_secret_is_not_on_this_machine_is_in_trouble(desk: Desk) -> None:
    set_up(GOOD, BY, desk.clock)
    ChannelSecret.objects.filter(name="key_id").delete()
    accounts = Accounts()
    accounts.refresh()
    found = accounts.get("sms-1")
    assert found is not None
    assert "key_id" in found.trouble
    assert accounts.by_channel() == {}


FIELDS: dict[str, dict[str, str]] = {
    "dingtalk": {"app_key": "app", "agent_id": "1234"},
    "ding": {"app_key": "app", "robot_code": "robot"},
    "wecom": {"corp_id": "corp", "agent_id": "1"},
    "feishu": {"app_id": "cli"},
    "aliyun_sms": {"sign_name": "青禾县", "template_code": "SMS_1"},
    "aliyun_voice": {"tts_code": "TTS_1"},
    "tencent_sms": {"app_id": "14", "template_id": "11", "sign_name": "青禾县"},
    "tencent_voice": {"app_id": "14", "template_id": "43"},
    "wechat": {"app_id": "wx", "template_id": "tpl"},
    "zhezhengding": {"api_key": "app", "tenant_id": "196729"},
}


@pytest.mark.parametrize("name", FIELDS)
def test_message_goes_by_each_provider_and_its_answer_becomes_facts(
    desk: Desk,
    provider: Loopback,  # noqa: F811 - the fixture
    name: str,
) -> None:
    """Set up, queued, sent over real HTTP, the documented answer read, the reference kept."""
    kind, declared = KINDS[name], PROVIDERS[name]
    secrets = {field.name: f"s-{field.name}" for field in declared.fields if field.is_secret}
    fields = {**FIELDS[name], "endpoint": provider.url}
    set_up(Wanted(name, name, fields, secrets), BY, desk.clock)
    desk.questions(1, channel=declared.channels[0])
    person = Delivery.objects.latest("id").person_id
    desk.address(person, declared.channels[0], kind.address)
    if kind.token is not None:
        method, path, body = kind.token
        provider.plays(Played(method, path, body))
    provider.plays(Played("POST", kind.path, kind.good))
    desk.settle()
    sent = desk.call_of(person, declared.channels[0], "ask")
    assert desk.facts(sent) == ["accepted"]
    assert desk.reference(sent) == kind.reference
    assert kind.token is None or TOKEN not in repr(provider.script)


def test_webhook_goes_out_signed_and_its_answer_is_matched(
    desk: Desk,
    provider: Loopback,  # noqa: F811 - the fixture
) -> None:
    """200 with the wrong id is not an answer to this message: unknown."""
    fields, secrets = {"url": f"{provider.url}/in"}, {"secret": "s" * 32}
    set_up(Wanted("hook", "webhook", fields, secrets), BY, desk.clock)
    desk.questions(1, channel="webhook")
    provider.plays(Played("POST", "/in", '{"id":"another","state":"accepted"}'))
    desk.settle()
    sent = Delivery.objects.latest("id")
    assert desk.facts(sent) == ["unknown"]
    assert "bihuan-signature" in provider.got[0].headers
