"""现场 / Field: a person's tasks as large cards, what waits to be sent, and the worker behind it.

The worker keeps one page without anybody's words (the shell) and its styles and scripts, nothing
else: what a case says is never kept on the phone, except in a draft that the person wrote.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from bihuan.console.home import clock
from bihuan.console.tasks.gather import tasks_of
from bihuan.console.tasks.mine import shifts_of
from bihuan.console.visit import person_of, rights_of, signed_in


@signed_in
def field(request: HttpRequest) -> HttpResponse:
    """The page for the phone in the field."""
    person_id, now_us = person_of(request), clock().now_us()
    context = {
        "now_us": now_us,
        "tasks": tasks_of(rights_of(request), now_us),
        "my_shifts": shifts_of(person_id, now_us),
        "not_found": request.GET.get("none") == "1",
    }
    return render(request, "console/field.html", context)


@signed_in
def who(request: HttpRequest) -> JsonResponse:
    """Who would send a draft now, and the form token of this session."""
    return JsonResponse({"who": str(request.user.pk), "token": get_token(request)})


def offline(request: HttpRequest) -> HttpResponse:
    """The shell: what the worker shows where there is no network. Says nothing of anybody."""
    return render(request, "console/field_offline.html")


def manifest(request: HttpRequest) -> JsonResponse:
    """What a phone needs to put the site on its home screen; iOS pushes to such a one only."""
    icons = [
        {"src": static(f"console/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
        for size in (192, 512)
    ]
    masked = icons[1] | {"src": static("console/icon-512-masked.png"), "purpose": "maskable"}
    said = {
        "id": "/",
        "name": _("闭环值守"),
        "short_name": _("闭环"),
        "lang": get_language(),
        "start_url": reverse("tasks"),
        "scope": "/",
        "display": "standalone",
        "background_color": "#ffffff",
        "theme_color": "#0c6355",
        "icons": [*icons, masked],
    }
    return JsonResponse(said, content_type="application/manifest+json")


def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, for the whole site."""
    answer = render(request, "console/field_sw.js", content_type="text/javascript; charset=utf-8")
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"  # a worker that is mended must reach the phones
    return answer
