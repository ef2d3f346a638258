"""The rules as a Django app."""

from django.apps import AppConfig


class RulesConfig(AppConfig):
    name = "bihuan.rules"
    label = "rules"

    def ready(self) -> None:
        from bihuan.rules import projectors  # noqa: F401, PLC0415 - models must be loaded first
        from bihuan.rules.overrides import projectors as overrides  # noqa: F401, PLC0415 - as above
