"""The registry, the adapters and the page of the docs say the same."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import get_args

import pytest

from bihuan.loop.entries import Fact
from bihuan.loop.providers import PROVIDERS
from bihuan.loop.providers.aliyun_signature import AliyunKey
from bihuan.loop.providers.mail import Mailbox
from bihuan.loop.providers.provider import Secret
from bihuan.loop.providers.tencent_signature import TencentKey
from tests.loop.providers.bodies import KINDS

PAGE = (Path(__file__).parents[3] / "docs" / "channels.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \|(.*)\|$", PAGE, re.MULTILINE))


def test_registry_has_every_adapter_under_its_name() -> None:
    assert {kind.make("https://provider.example").name for kind in KINDS.values()} == set(KINDS)
    assert set(PROVIDERS) == {*KINDS, "mail", "gsm_modem", "web_push"}


@pytest.mark.parametrize("name", KINDS)
def test_registry_declares_what_the_adapter_takes(name: str) -> None:
    """Every declared field is a parameter of the adapter or of its key, secrets as secrets."""
    adapter = KINDS[name].make("https://provider.example")
    taken = {
        name: str(p.annotation) for name, p in inspect.signature(type(adapter)).parameters.items()
    }
    for key in (AliyunKey, TencentKey):
        if key.__name__ in taken.values():
            taken |= {n: str(p.annotation) for n, p in inspect.signature(key).parameters.items()}
    for declared in PROVIDERS[name].fields:
        assert (taken[declared.name] == Secret.__name__) is declared.is_secret


def test_registry_declares_what_the_mailbox_takes() -> None:
    taken = inspect.signature(Mailbox).parameters
    assert {declared.name for declared in PROVIDERS["mail"].fields} <= set(taken)


def test_registry_proves_only_facts_and_never_unknown() -> None:
    for provider in PROVIDERS.values():
        assert set(provider.proves) <= set(get_args(Fact)) - {"unknown"}
        assert provider.proves[0] == "accepted"


def test_channels_page_has_each_provider_with_exactly_its_facts() -> None:
    assert set(ROWS) == set(PROVIDERS)
    for name, row in ROWS.items():
        cells = [cell.strip() for cell in row.split("|")]
        assert re.findall(r"`(\w+)`", cells[1]) == list(PROVIDERS[name].proves), name
        assert cells[0] == f"{PROVIDERS[name].zh}, {PROVIDERS[name].en}"
