"""The settings of `bench.console`: those of the site, with one address more."""

from bihuan.wiring.settings import *  # noqa: F403 - a settings module takes all

ROOT_URLCONF = "bench.console_site"
