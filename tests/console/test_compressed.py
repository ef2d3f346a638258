"""Answers compressed: who asks gets gzip, the same bytes inside; what must not be, is not."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from bihuan.console import pages
from bihuan.console.access.compressed import Compressed
from tests.console.place import Place

pytestmark = pytest.mark.django_db(databases="__all__")
ASKS = {"Accept-Encoding": "br;q=1.0, gzip, deflate"}
BOARD_SAVES = 3  # a board goes over the wire in less than a third of its bytes
CSS = "/static/console/console.css"


def whole(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("path", ["/", "/cases/", "/api/v1/cases", "/api/v1/openapi.json"])
def test_pages_and_api_are_compressed_for_who_asks(place: Place, path: str) -> None:
    place.press()
    place.settle()
    client = place.client("command")
    plain, packed = client.get(path), client.get(path, headers=ASKS)
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(packed.content))
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"], "a cache keeps the two apart"
    assert len(packed.content) < len(plain.content)
    assert gzip.decompress(packed.content)[:40] == plain.content[:40]
    if "api" in path:
        assert gzip.decompress(packed.content) == plain.content


def test_board_takes_less_than_a_third_of_its_bytes(place: Place) -> None:
    place.press()
    place.settle()
    client = place.client("command")
    plain, packed = client.get("/"), client.get("/", headers=ASKS)
    assert BOARD_SAVES * len(packed.content) < len(plain.content)


def test_lengths_of_one_page_vary_so_that_they_tell_nothing(place: Place) -> None:
    """BREACH compares lengths: random bytes in the header of gzip make each one another."""
    client = place.client("command")
    path = "/api/v1/openapi.json"  # every byte inside is the same
    lengths = {len(client.get(path, headers=ASKS).content) for _n in range(12)}
    assert len(lengths) > 1


def test_token_of_forms_is_masked_anew_in_every_page(place: Place) -> None:
    client = place.client("command")
    said = [gzip.decompress(client.get("/", headers=ASKS).content) for _n in range(3)]
    mark = b'name="csrfmiddlewaretoken" value="'
    tokens = [one.split(mark, 1)[1][:64] for one in said]
    assert all(one != other for one, other in pairwise(tokens))


def test_what_a_form_sent_back_is_not_compressed() -> None:
    """Faults show what was typed beside the token: the two never go through one compressor."""
    answer = Client().post("/sign-in/", {"username": "a" * 150, "password": "b"}, headers=ASKS)
    assert len(answer.content) > 200
    assert "Content-Encoding" not in answer.headers


def test_small_answers_and_pictures_go_as_they_are(place: Place) -> None:
    small = place.client("command").get("/api/v1/cases", headers=ASKS)
    assert len(small.content) < 200
    assert "Content-Encoding" not in small.headers
    font = Client().get("/static/console/inter-latin-wght-normal.woff2", headers=ASKS)
    assert "Content-Encoding" not in font.headers


def test_live_feed_is_never_compressed() -> None:
    """Whatever its kind: a stream that is packed is held back until a block is full."""

    async def first() -> tuple[dict[str, str], bytes]:
        request = RequestFactory().get("/live/", headers=ASKS)
        answer = Compressed(lambda _r: HttpResponse()).process_response(
            request, await pages.live(request)
        )
        assert isinstance(answer, StreamingHttpResponse)
        feed = answer.streaming_content
        assert isinstance(feed, AsyncIterator)
        said = await anext(feed)
        return dict(answer.headers), said

    headers, said = asyncio.run(first())
    assert "Content-Encoding" not in headers
    assert not said.startswith(b"\x1f\x8b")
    stream = StreamingHttpResponse([b"x" * 500], content_type="text/csv")
    request = RequestFactory().get("/x/", headers=ASKS)
    same = Compressed(lambda _r: HttpResponse()).process_response(request, stream)
    assert "Content-Encoding" not in same.headers


@pytest.mark.parametrize("name", ["console.css", "console.js", "icons.svg"])
def test_files_of_the_program_are_compressed_once_and_kept(name: str) -> None:
    path = f"/static/console/{name}"
    plain, packed, again = (Client().get(path, headers=h) for h in ({}, ASKS, ASKS))
    bytes_ = whole(packed)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Content-Length"] == str(len(bytes_))
    assert gzip.decompress(bytes_) == whole(plain)
    assert whole(again) == bytes_, "no random bytes: it is nobody's"
    assert packed.headers["Cache-Control"] == plain.headers["Cache-Control"]
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_a_file_that_did_not_change_is_not_sent_again() -> None:
    first = Client().get(CSS, headers=ASKS)
    assert first.headers["ETag"].startswith('W/"')
    by_tag = Client().get(CSS, headers={**ASKS, "If-None-Match": first.headers["ETag"]})
    assert by_tag.status_code == 304
    since = {**ASKS, "If-Modified-Since": first.headers["Last-Modified"]}
    assert Client().get(CSS, headers=since).status_code == 304
    part = Client().get(CSS, headers={**ASKS, "Range": "bytes=0-9"})
    assert (part.status_code, len(whole(part))) == (206, 10)
    assert "Content-Encoding" not in part.headers
    assert "Content-Encoding" not in Client().head(CSS, headers=ASKS).headers


def test_it_stands_before_what_serves_files_and_after_the_headers_of_safety() -> None:
    names = [one.rsplit(".", 1)[-1] for one in settings.MIDDLEWARE]
    assert names[:3] == ["SecurityMiddleware", "Compressed", "WhiteNoiseMiddleware"]
