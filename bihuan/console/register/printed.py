"""The link from a thing's page to its printed code."""

from __future__ import annotations

from django.urls import reverse

from bihuan.console.register.wording import word


def code_link(kind: str, thing_id: int) -> tuple[str, str]:
    """(address, words). kind: the name of the page's address, `row`, `device` or `area`."""
    return reverse("field_code", args=[kind, thing_id]), word(("打印二维码", "Print its code"))
