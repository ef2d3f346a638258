"""A provider on loopback, and the people and keys of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bihuan.loop.providers.provider import Errand
from tests.loop.providers.loopback import Loopback

# 2019-02-25 16:44:25 UTC, the time of Tencent's published example; 00:44:25 in the county
AT_US = 1_551_113_065 * 1_000_000
NUMBER = "13800001111"


@pytest.fixture
def provider() -> Iterator[Loopback]:
    """A provider that fails the test on any request that was not announced, or did not come."""
    loopback = Loopback()
    yield loopback
    loopback.close()
    assert loopback.unexpected == []
    assert [played.path for played in loopback.script] == []


def errand_to(address: str, text: str = "李奶奶按了呼救键") -> Errand:
    """About an old woman's press; where others may read, her name is left out."""
    glance = ("呼救", "请打开查看。")
    params = {"name": "李奶奶"}
    return Errand("bh7", address, "呼救：李奶奶", text, params, AT_US, "0f" * 16, glance=glance)
