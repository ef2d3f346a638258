"""The live feed tells the truth about itself."""

from __future__ import annotations

import asyncio
import threading
import time
from itertools import count
from pathlib import Path

import pytest

from bihuan.console import live
from bihuan.journal.wake import CAN_WAKE, Waiter, run_folder

ENDS_WITHIN_S = 10.0


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


@pytest.fixture
def feed(data: Path, monkeypatch: pytest.MonkeyPatch) -> live.Feed:
    """A feed of a journal that goes on by itself."""
    numbers = count(1)
    monkeypatch.setattr(live, "_newest", lambda: next(numbers))
    monkeypatch.setattr(live, "POLL_S", 0.01)
    return live.Feed()


def _threads() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "feed"]


def _listens() -> bool:
    return any(run_folder().glob("web-*.sock")) or not CAN_WAKE


def test_feed_ends_with_its_last_page_and_begins_anew(feed: live.Feed) -> None:
    """Two pages open, one closes: it goes on. The other closes: no thread and no socket is left."""

    async def opened_and_closed() -> threading.Thread:
        pages = [asyncio.Event(), asyncio.Event()]
        for page in pages:
            feed.join(page, live.waker(page))
        (thread,) = _threads()
        feed.leave(pages[0])
        pages[1].clear()
        async with asyncio.timeout(ENDS_WITHIN_S):
            await pages[1].wait()
        assert thread.is_alive()
        assert _listens()
        feed.leave(pages[1])
        await asyncio.to_thread(thread.join, ENDS_WITHIN_S)
        return thread

    for _time in range(2):
        thread = asyncio.run(opened_and_closed())
        assert not thread.is_alive()
        assert list(run_folder().glob("web-*.sock")) == []
        assert _threads() == []


def test_page_that_opens_while_the_feed_ends_is_told(
    feed: live.Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It opens in the moment in which the ending thread gives its socket up."""
    made: list[Waiter] = []
    bound = threading.Event()

    class Slow(Waiter):
        def __init__(self, name: str) -> None:
            super().__init__(name)
            made.append(self)
            if len(made) == 2:
                bound.set()

        def close(self) -> None:
            if self is made[0]:
                loop.call_soon_threadsafe(lambda: feed.join(page, live.waker(page)))
                bound.wait(0.3)  # comes only where the next thread need not wait for this one
            super().close()

    async def opened_in_between() -> None:
        first = asyncio.Event()
        feed.join(first, live.waker(first))
        (thread,) = _threads()
        feed.leave(first)
        await asyncio.to_thread(thread.join, ENDS_WITHIN_S)
        async with asyncio.timeout(ENDS_WITHIN_S):
            await page.wait()
        assert bound.is_set()
        assert _listens(), "the ending thread took the socket of the one that goes on"
        feed.leave(page)

    monkeypatch.setattr(live, "Waiter", Slow)
    page, loop = asyncio.Event(), asyncio.new_event_loop()
    loop.run_until_complete(opened_in_between())
    for thread in _threads():
        thread.join(ENDS_WITHIN_S)
    loop.close()
    assert _threads() == []
