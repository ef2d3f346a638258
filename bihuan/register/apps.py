"""The register as a Django app."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "bihuan.register"
    label = "register"

    def ready(self) -> None:
        from bihuan.register import projectors  # noqa: F401, PLC0415 - models must be loaded first
