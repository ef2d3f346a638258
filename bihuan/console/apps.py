"""The console as a Django app."""

from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "bihuan.console"
    label = "console"
    default_auto_field = "django.db.models.BigAutoField"
