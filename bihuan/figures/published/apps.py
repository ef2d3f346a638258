"""Published series as a Django app."""

from django.apps import AppConfig


class PublishedConfig(AppConfig):
    name = "bihuan.figures.published"
    label = "published"

    def ready(self) -> None:
        # models must be loaded first
        from bihuan.figures.published import projectors, sheet  # noqa: F401, PLC0415
