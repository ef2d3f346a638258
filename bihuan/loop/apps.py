"""The loop as a Django app."""

from django.apps import AppConfig


class LoopConfig(AppConfig):
    name = "bihuan.loop"
    label = "loop"

    def ready(self) -> None:
        from bihuan.loop import projectors, projectors_pursuit  # noqa: F401, PLC0415 - models must be loaded first
