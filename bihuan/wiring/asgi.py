"""What the web server runs."""

from __future__ import annotations

import gc
import os

import django
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.wiring.settings")
django.setup()

from bihuan.scenarios import load  # noqa: E402 - models need Django set up
from bihuan.wiring.orphan import end_with_parent  # noqa: E402 - the same
from bihuan.wiring.pool import pool_connections  # noqa: E402 - the same

pool_connections()
load()  # the tables were brought up to date by the command that started the server
end_with_parent()
application = get_asgi_application()
# what the program itself is made of never becomes garbage: looking through it took 0.25 s, in which
# a page waited
gc.collect()
gc.freeze()
