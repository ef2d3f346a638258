"""The console as a Django app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "bihuan.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # models must be loaded first
        from bihuan.console import home  # noqa: PLC0415
        from bihuan.figures.bulletins.own import OwnFigures  # noqa: PLC0415
        from bihuan.figures.bulletins.source import answer_for  # noqa: PLC0415

        answer_for("", OwnFigures(lambda: home.clock().now_us()))  # bulletins ask by this clock
