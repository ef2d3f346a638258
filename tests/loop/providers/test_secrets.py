"""Secrets, tokens and addresses stand in no evidence, no log line, no printed object."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from bihuan.loop.providers.carried import carried
from bihuan.loop.providers.carrier import HttpCarrier
from bihuan.loop.providers.provider import (
    Secret,
    evidence,
    masked,
    phone_e164,
    phone_local,
    told_of,
)
from bihuan.loop.providers.sender import Sender
from tests.loop.providers.bodies import KINDS, SECRET, TOKEN
from tests.loop.providers.conftest import NUMBER, errand_to
from tests.loop.providers.loopback import Loopback, Played

# every field that some provider's reader looks at, echoing what must not come out again
ECHOES = [
    '{{"errcode":"{0}","code":"{0}","Code":"{0}","task_id":"{0}","openDingId":"{0}","id":"{0}",'
    '"Response":{{"Error":{{"Code":"{0}"}}}},"success":false,"bizErrorCode":"{0}","state":"{0}"}}',
    '{{"errcode":0,"code":0,"Code":"OK","BizId":"{0}","CallId":"{0}","msgid":"{0}","success":true,'
    '"content":"{0}","data":{{"message_id":"{0}"}},'
    '"Response":{{"SendStatus":{{"CallId":"{0}"}},'
    '"SendStatusSet":[{{"Code":"Ok","SerialNo":"{0}"}}]}}}}',
    '{{"openDingId":"{0}"}}',
]


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("what", ["secret", "token", "address"])
def test_secrets_that_a_provider_echoes_stay_here(
    name: str, echo: str, what: str, provider: Loopback
) -> None:
    kind = KINDS[name]
    leak = {"secret": SECRET.reveal(), "token": TOKEN, "address": kind.address}[what]
    if what == "token" and kind.token is None:
        return
    if kind.token is not None:
        provider.plays(Played(*kind.token))
    provider.plays(Played("POST", kind.path, echo.format(leak)))
    carrier = HttpCarrier(kind.make(provider.url), Sender())
    with capture_logs() as logs:
        told = told_of(carried(carrier, errand_to(kind.address, "李奶奶")))
    assert told
    assert leak not in repr(told)
    assert leak not in repr(logs)
    assert "李奶奶" not in repr(logs)


@pytest.mark.parametrize("name", KINDS)
def test_secrets_print_as_dots(name: str) -> None:
    adapter = KINDS[name].make("https://provider.example")
    assert adapter.secrets
    for shown in (repr(adapter), str(adapter), f"{adapter.secrets}"):
        assert SECRET.reveal() not in shown
        assert "•••" in shown
    request = adapter.request(errand_to(KINDS[name].address), Secret(TOKEN))
    for hidden in (TOKEN, SECRET.reveal(), KINDS[name].address, "李奶奶"):
        assert hidden not in repr(request)


def test_errand_prints_no_address_and_no_text() -> None:
    shown = repr(errand_to(NUMBER))
    assert NUMBER not in shown
    assert "李奶奶" not in shown
    assert "呼救" not in shown


@pytest.mark.parametrize(
    ("address", "expected"),
    [(NUMBER, "138••••1111"), ("zhang@example.org", "zha••••rg"), ("zhang", "••••")],
)
def test_masked_addresses_can_be_recognised_by_who_knows_them(address: str, expected: str) -> None:
    assert masked(address) == expected


def test_evidence_leaves_out_texts_of_providers() -> None:
    """A text may name a person; codes and ids have no spaces and no Chinese."""
    assert evidence("p", code="isv.X", said="用户 138", none=None, empty="") == (
        "p code=isv.X said=(unprintable, 6 characters)"
    )


@pytest.mark.parametrize(
    ("number", "expected", "local"),
    [
        ("13800001111", "+8613800001111", "13800001111"),
        ("+8613800001111", "+8613800001111", "13800001111"),
        ("008613800001111", "+8613800001111", "13800001111"),
        ("057312345678", "+8657312345678", "057312345678"),
        ("01012345678", "+861012345678", "01012345678"),
        ("+85290001111", "+85290001111", "85290001111"),
    ],
)
def test_phone_numbers_get_their_country_and_their_local_form(
    number: str, expected: str, local: str
) -> None:
    assert (phone_e164(number), phone_local(number)) == (expected, local)


@pytest.mark.parametrize(
    "number", ["", "110", "1380000111", "138000011112", "+", "+0123456", "1３800001111"]
)
def test_phone_numbers_that_cannot_be_are_refused_masked(number: str) -> None:
    with pytest.raises(ValueError) as error:
        phone_e164(number)
    assert not number or len(number) < 5 or number not in str(error.value)
