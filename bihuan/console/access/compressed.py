"""Answers compressed for whoever takes gzip: pages, data, styles and scripts.

Safe against BREACH, which guesses a secret from how long answers get:
- only answers to GET: what a form sent back beside its faults is never compressed;
- every answer that is made for somebody gets 1 to 100 random bytes, so lengths do not tell;
- the token of forms is masked anew in every page, and cookies stay home on another site's request.

Streams are left as they are: a live feed that waited for a full block would be late. Files of the
program are public and do not change while it runs, so each is compressed once, as small as it gets.
"""

from __future__ import annotations

import gzip
from typing import Final

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware, re_accepts_gzip
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseFileResponse

KINDS: Final = frozenset(
    {
        "text/html", "text/css", "text/javascript", "text/plain", "text/csv", "text/xml",
        "application/json", "application/geo+json", "application/fhir+json",
        "application/javascript", "application/manifest+json", "application/xml",
        "image/svg+xml",
    }
)  # fmt: skip
LEAST: Final = 200  # bytes; below that the header of gzip eats what is won
BEST: Final = 9


class Compressed(GZipMiddleware):
    """The outermost but one: it sees the files of the program as well as the pages."""

    def process_request(self, request: HttpRequest) -> None:
        """A compressed file's ETag is weak; asked whether it changed, a weak one is as good."""
        if asked := request.META.get("HTTP_IF_NONE_MATCH"):
            request.META["HTTP_IF_NONE_MATCH"] = asked.removeprefix("W/")

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if _kind(response) not in KINDS:
            return response
        if isinstance(response, WhiteNoiseFileResponse):
            return _file(request, response)
        if response.streaming or request.method != "GET":
            return response
        return super().process_response(request, response)


def _kind(response: HttpResponseBase) -> str:
    return response.get("Content-Type", "").partition(";")[0].strip().lower()


_files: dict[tuple[str, str], bytes] = {}  # by address and ETag: a handful, all of the program's


def _file(request: HttpRequest, response: FileResponse) -> HttpResponseBase:
    """A file of the program. Parts, HEAD and 304 go as they are; its kept time goes with it."""
    patch_vary_headers(response, ("Accept-Encoding",))
    takes = re_accepts_gzip.search(request.META.get("HTTP_ACCEPT_ENCODING", ""))
    is_whole = request.method == "GET" and response.status_code == 200
    if not takes or not is_whole or response.has_header("Content-Encoding"):
        return response
    name = (request.path_info, response.get("ETag", "") + response.get("Last-Modified", ""))
    if name not in _files:
        plain = b"".join(response)
        packed = gzip.compress(plain, BEST, mtime=0)
        _files[name] = packed if len(plain) >= LEAST and len(packed) < len(plain) else b""
    packed = _files[name]
    if not packed:
        return response
    response.streaming_content = [packed]
    response.headers["Content-Length"] = str(len(packed))
    response.headers["Content-Encoding"] = "gzip"
    if etag := response.get("ETag"):
        response.headers["ETag"] = etag if etag.startswith("W/") else f"W/{etag}"
    return response
