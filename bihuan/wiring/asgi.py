"""What the web server runs."""

from __future__ import annotations

import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
django.setup()

from bihuan.wiring.boot import open_data  # noqa: E402 - models need Django set up

open_data()
application = get_asgi_application()
