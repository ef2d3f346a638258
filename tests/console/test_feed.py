"""The live feed tells the truth about itself."""

from __future__ import annotations

import asyncio
import time

import pytest

from bihuan.console import live


async def _beats(seconds: float) -> int:
    """How many beats a page hears in this time."""
    heard = 0
    stream = live.stream()
    try:
        async with asyncio.timeout(seconds):
            async for event in stream:
                heard += event.startswith("event: beat")
    except TimeoutError:
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator
    return heard


@pytest.mark.parametrize(("age_s", "is_heard"), [(0.0, True), (60.0, False)])
def test_feed_beats_only_while_the_journal_is_read(
    monkeypatch: pytest.MonkeyPatch, age_s: float, is_heard: bool
) -> None:
    feed = live.Feed()
    monkeypatch.setattr(live, "FEED", feed)
    monkeypatch.setattr(feed, "_watch", lambda: None)  # the thread is gone
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    feed.read_s = time.monotonic() - age_s + 0.5
    assert (asyncio.run(_beats(0.5)) > 0) is is_heard
