"""Each adapter in trouble, end to end: outbox, real HTTP, a provider on loopback, facts, reasons.

Each trouble is a documented body of that provider. Whatever comes, a message leaves once, and one
that did not reach anybody says why.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import pytest

from bihuan.loop.delivery.acts import Wanted, set_up
from bihuan.loop.delivery.models import Reference
from bihuan.loop.models import Delivery, DeliveryFact
from bihuan.loop.providers import PROVIDERS
from tests.loop.delivery.desk import BY, DAUGHTER, SECRETARY, Desk
from tests.loop.delivery.test_accounts import FIELDS
from tests.loop.providers.bodies import KINDS, REFUSALS, THROTTLES, UNCLEAR
from tests.loop.providers.conftest import provider  # noqa: F401 - the fixture of a provider on loopback
from tests.loop.providers.loopback import How, Loopback, Played
from tests.rebuilt import differences

pytestmark = [
    pytest.mark.both_databases,
    pytest.mark.django_db(transaction=True, databases="__all__"),
]
NAMES = sorted(set(FIELDS) - {"webhook"})
GARBAGE = ("", "<html>busy</html>", '{"errcode":')  # more of them: providers/test_providers.py


@dataclass
class Line:
    """One account of a provider on loopback, and one message that waits for it."""

    desk: Desk
    far: Loopback
    name: str
    account: str = ""
    is_first: bool = True

    def open(self, rank: int = 0) -> Line:
        declared = PROVIDERS[self.name]
        secrets = {field.name: f"s-{field.name}" for field in declared.fields if field.is_secret}
        fields = {**FIELDS[self.name], "endpoint": self.far.url}
        self.account = self.account or self.name
        set_up(Wanted(self.account, self.name, fields, secrets, rank=rank), BY, self.desk.clock)
        return self

    def ask(self) -> Line:
        channel = PROVIDERS[self.name].channels[0]
        self.desk.questions(1, channel=channel)
        person = Delivery.objects.latest("id").person_id
        self.desk.address(person, channel, KINDS[self.name].address)
        return self

    def plays(self, body: str | bytes, status: int = 200, how: How = "whole") -> Line:
        """The next request is answered so; the first one asks for a token where one is needed."""
        token = KINDS[self.name].token
        if token is not None and self.is_first:
            self.far.plays(Played(token[0], token[1], token[2]))
        self.is_first = False
        self.far.plays(Played("POST", KINDS[self.name].path, body, status, how=how))
        return self

    def settle(self) -> Delivery:
        self.desk.settle()
        return Delivery.objects.latest("id")

    def again(self, **later: float) -> Delivery:
        self.desk.wall.advance(**later)
        return self.settle()


@pytest.fixture
def line(desk: Desk, provider: Loopback, request: pytest.FixtureRequest) -> Line:  # noqa: F811 - the fixture
    return Line(desk, provider, request.param).open().ask()


def evidence(delivery: Delivery) -> str:
    """What the last fact stands on."""
    return DeliveryFact.objects.filter(delivery_id=delivery.id).latest("id").evidence


def bodies(of: list[tuple[Any, ...]]) -> list[Any]:
    """A case for each documented body, of the providers with an account here."""
    return [
        pytest.param(one[0], *one[1:], id=f"{one[0]}-{n}")
        for n, one in enumerate(of)
        if one[0] in NAMES
    ]


@pytest.mark.parametrize(("line", "status", "body"), bodies(THROTTLES), indirect=["line"])
def test_throttled_message_is_put_back_and_leaves_once(line: Line, status: int, body: str) -> None:
    """Ten seconds later it is taken, with nothing told of a failure in between."""
    waits = line.plays(body, status).settle()
    assert (waits.state, line.desk.facts(waits)) == ("queued", [])
    line.plays(KINDS[line.name].good)
    sent = line.again(seconds=130)
    assert line.desk.facts(sent) == ["accepted"]
    assert line.desk.reference(sent) == KINDS[line.name].reference
    assert differences() == []


@pytest.mark.parametrize(("line", "status", "body", "reason"), bodies(REFUSALS), indirect=["line"])
def test_refused_message_fails_with_its_reason_and_is_not_sent_again(
    line: Line, status: int, body: str, reason: str
) -> None:
    line.plays(body, status).settle()
    failed = line.again(hours=1)
    assert line.desk.facts(failed) == ["failed"]
    assert evidence(failed)
    assert reason == "other" or reason in evidence(failed)


@pytest.mark.parametrize(("line", "status", "body"), bodies(UNCLEAR), indirect=["line"])
def test_answer_without_proof_leaves_unknown_and_is_not_sent_again(
    line: Line, status: int, body: str
) -> None:
    line.plays(body, status).settle()
    lost = line.again(hours=1)
    assert line.desk.facts(lost) == ["unknown"]
    assert evidence(lost)


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("line", NAMES, indirect=True)
def test_malformed_answer_is_never_a_success(line: Line, garbage: str) -> None:
    line.plays(garbage).settle()
    lost = line.again(hours=1)
    assert lost.state in ("unknown", "failed")
    assert evidence(lost)
    assert "accepted" not in line.desk.facts(lost)


@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize("line", NAMES, indirect=True)
def test_page_of_an_error_is_never_a_success(line: Line, status: int) -> None:
    """A good body under a bad status: what is between us and the provider is not the provider."""
    line.plays(KINDS[line.name].good, status).settle()
    lost = line.again(hours=1)
    assert lost.state in ("unknown", "failed")
    assert evidence(lost)


@pytest.mark.parametrize("how", ["cut", "silent"])
@pytest.mark.parametrize("line", NAMES, indirect=True)
def test_answer_that_does_not_come_whole_leaves_unknown(line: Line, how: How) -> None:
    """It may have been sent: nobody knows, it shows, and it is not sent again."""
    line.desk.restart(patience_s=0.3)
    line.plays(KINDS[line.name].good, how=how).settle()
    lost = line.again(hours=1)
    assert line.desk.facts(lost) == ["unknown"]


@pytest.mark.parametrize("line", NAMES, indirect=True)
def test_outage_of_300_s_sends_once_when_it_is_over(line: Line) -> None:
    """Not reached is not sent: the message waits, and nothing but its waiting is told."""
    line.far.away()
    for _second in range(30):
        waits = line.again(seconds=10)
        assert waits.state == "queued"
    assert line.desk.facts(waits) == []
    line.far.open()
    line.plays(KINDS[line.name].good)
    sent = line.again(seconds=61)
    assert line.desk.facts(sent) == ["accepted"]
    assert differences() == []


# refusals for the account's own reasons; where a provider's documents name one
OWN = {
    name: (status, body)
    for name, status, body, reason in reversed(REFUSALS)
    if name in NAMES and reason in ("credentials", "no_balance", "template")
}


@pytest.mark.parametrize("name", sorted(OWN))
def test_failover_takes_the_next_account(
    desk: Desk,
    provider: Loopback,  # noqa: F811 - the fixture
    name: str,
) -> None:
    """Credentials, balance, template: the next account by rank sends it at once, once."""
    first = Line(desk, provider, name, "first").open(rank=0).ask()
    second = Line(desk, provider, name, "second").open(rank=1)
    status, body = OWN[name]
    first.plays(body, status)
    second.plays(KINDS[name].good)
    sent = first.settle()
    assert desk.facts(sent)[-1] == "accepted"
    assert Reference.objects.get(delivery_id=sent.id).id.startswith("second ")
    assert len([got for got in provider.got if got.path == KINDS[name].path]) == 2
    assert differences() == []


def receipts(desk: Desk, call: Delivery) -> dict[str, str]:
    """What Alibaba Cloud pushes about one call, by what it says."""
    of = f'"call_id":"{desk.reference(call)}"'
    return {
        "rang": f'[{{{of},"status_code":"200003","ring_time":"1"}}]',
        "heard": f'[{{{of},"status_code":"200000"}}]',
        "key": f'[{{{of},"status_code":"300000","dtmf":"1"}}]',
        "off": f'[{{{of},"status_code":"200010"}}]',
    }


@pytest.mark.parametrize("seed", range(12))
def test_callbacks_twice_and_in_any_order_end_the_same(desk: Desk, seed: int) -> None:
    """Each pushed one to three times, shuffled: the key takes the case, each fact stands once."""
    desk.account("aliyun_voice", wakes=True, lines=20)
    desk.only_by("voice")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary, "voice")
    chosen = random.Random(seed)
    said = receipts(desk, call)
    pushed = [
        body for name in ("rang", "heard", "key") for body in [said[name]] * chosen.randint(1, 3)
    ]
    chosen.shuffle(pushed)
    for body in pushed:
        assert desk.push("aliyun_voice", body).status == 200
        desk.settle()
    facts = DeliveryFact.objects.filter(delivery_id=call.id)
    told = list(facts.values_list("fact", "evidence"))
    assert len(told) == len(set(told)), f"seed {seed}: a fact stands twice"
    assert {"accepted", "heard", "confirmed"} <= {fact for fact, _why in told}
    assert (desk.case.state, desk.case.owner_id) == ("in_progress", desk.people.secretary)
    assert desk.happened().count("taken") == 1
    assert differences() == []


@pytest.mark.parametrize("late", ["rang", "heard", "key", "off"])
def test_callback_after_the_end_moves_no_closed_case(desk: Desk, late: str) -> None:
    """Answered, closed, and a day later the provider pushes once more: kept, and nothing else."""
    desk.account("aliyun_voice", wakes=True, lines=20)
    desk.only_by("voice")
    desk.press()
    desk.settle()
    call = desk.call_of(desk.people.secretary, "voice")
    desk.do("take", desk.people.secretary)
    desk.do("false_alarm", desk.people.secretary)
    desk.settle()
    before, lines = desk.case, len(desk.happened())
    assert before.state == "closed"
    desk.wall.advance(days=1)
    for _twice in range(2):
        assert desk.push("aliyun_voice", receipts(desk, call)[late]).status == 200
    desk.settle()
    assert (desk.case.state, desk.case.owner_id) == ("closed", before.owner_id)
    assert len(desk.happened()) == lines
    assert sorted(desk.house.numbers()) == [DAUGHTER, SECRETARY]
    assert differences() == []
