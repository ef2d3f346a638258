"""Where providers push receipts, pressed keys and replies: `/push/<account>/<secret part>`."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from bihuan.console.home import clock, keys
from bihuan.console.visit import unkept
from bihuan.loop.act import ParkedError
from bihuan.loop.delivery.callbacks import Push, receive


@csrf_exempt  # a provider has no cookie: its address, and its signature, are the proof
@require_http_methods(["GET", "POST"])
@unkept
def push(request: HttpRequest, account: str, token: str) -> HttpResponse:
    """Take a push in. 503 while its case waits for a mended projector: the provider comes again."""
    said = Push(
        account=account,
        token=token,
        headers={name.lower(): text for name, text in request.headers.items()},
        query={name: text for name, text in request.GET.items() if isinstance(text, str)},
        body=request.body,
    )
    try:
        answer = receive(said, clock(), keys())
    except ParkedError:
        return HttpResponse(status=503)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.media_type)
