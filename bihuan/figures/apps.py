"""The figures as a Django app."""

from django.apps import AppConfig


class FiguresConfig(AppConfig):
    name = "bihuan.figures"
    label = "figures"

    def ready(self) -> None:
        from bihuan.figures import projectors  # noqa: F401, PLC0415 - models must be loaded first
