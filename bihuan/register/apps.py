"""The register as a Django app."""

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "bihuan.register"
    label = "register"

    def ready(self) -> None:
        from bihuan.register import parties_known, projectors  # noqa: F401, PLC0415 - models must be loaded first
        from bihuan.register.consents import projectors as _consents  # noqa: F401, PLC0415
        from bihuan.register.devices import health as _health  # noqa: F401, PLC0415
        from bihuan.register.devices import projectors as _devices  # noqa: F401, PLC0415
        from bihuan.register.imports import projectors as _imports  # noqa: F401, PLC0415
        from bihuan.register.near import projectors as _near  # noqa: F401, PLC0415 - the same
        from bihuan.register.numbers import projectors as numbers  # noqa: F401, PLC0415
        from bihuan.register.observations import projectors as _o  # noqa: F401, PLC0415 - the same
        from bihuan.register.orders import projectors as _d  # noqa: F401, PLC0415 - the same
        from bihuan.register.parties.models import Party  # noqa: PLC0415
        from bihuan.register.records import projectors as _records  # noqa: F401, PLC0415
        from bihuan.register.retention import projectors as _retention  # noqa: F401, PLC0415
        from bihuan.register.rosters import projectors as rosters  # noqa: F401, PLC0415
        from bihuan.register.search import register as search  # noqa: F401, PLC0415
        from bihuan.register.subjects import projectors as _subjects  # noqa: F401, PLC0415
        from bihuan.register.warnings import projectors as _w  # noqa: F401, PLC0415 - the same

        for kind in ("household", "legal_entity", "estate", "plot"):
            parties_known.holds(kind, Party)
        from bihuan.register.accounts import projectors as _accounts  # noqa: F401, PLC0415
