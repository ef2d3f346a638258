"""The site of `bench.console`: the real one, and beside it a page that does nothing."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

EMPTY = "bench/empty"


def empty(request: HttpRequest) -> HttpResponse:
    """What the server costs by itself: every middleware, no session read, no query, no template."""
    return HttpResponse("<!doctype html><title>.</title>")


handler500 = "bihuan.console.pages.server_error"
urlpatterns = [path(EMPTY, empty), path("", include("bihuan.wiring.urls"))]
