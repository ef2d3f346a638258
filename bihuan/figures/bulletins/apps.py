"""Bulletins as a Django app."""

from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "bihuan.figures.bulletins"
    label = "bulletins"

    def ready(self) -> None:
        # models must be loaded first
        from bihuan.figures.bulletins import projectors, published  # noqa: F401, PLC0415
