"""Django's settings, read from the environment once."""

from __future__ import annotations

SECRET_KEY = "replaced-at-first-start"  # noqa: S105
INSTALLED_APPS: list[str] = []
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
USE_TZ = True
