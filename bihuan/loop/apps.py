"""The loop as a Django app."""

from django.apps import AppConfig


class LoopConfig(AppConfig):
    name = "bihuan.loop"
    label = "loop"

    def ready(self) -> None:
        # models must be loaded first
        from bihuan.loop import (  # noqa: F401, PLC0415 - models must be loaded first
            duties,
            projectors,
            projectors_pursuit,
            standing,
        )
        from bihuan.loop.cases import projectors as _cases  # noqa: F401, PLC0415
        from bihuan.loop.clocks import projectors as _clocks  # noqa: F401, PLC0415
        from bihuan.loop.delivery import projectors as _delivery  # noqa: F401, PLC0415
        from bihuan.loop.delivery import projectors as delivery  # noqa: F401, PLC0415
        from bihuan.loop.exchange import projectors as _exchange  # noqa: F401, PLC0415
        from bihuan.loop.inquiry import projectors as _inquiry  # noqa: F401, PLC0415
        from bihuan.loop.pathtest import playbook  # noqa: F401, PLC0415
        from bihuan.loop.pathtest import projectors as path  # noqa: F401, PLC0415
        from bihuan.loop.shift import projectors as _shift  # noqa: F401, PLC0415
        from bihuan.loop.shift import projectors as shift  # noqa: F401, PLC0415
        from bihuan.loop.supervision import projectors as _supervision  # noqa: F401, PLC0415
        from bihuan.loop.told import projectors as _told  # noqa: F401, PLC0415
        from bihuan.loop.units import organisations  # noqa: PLC0415
        from bihuan.loop.units import projectors as _units  # noqa: F401, PLC0415
        from bihuan.loop.unsealing import projectors as _unsealing  # noqa: F401, PLC0415
        from bihuan.loop.warned import projectors as _warned  # noqa: F401, PLC0415
        from bihuan.loop.watch import projectors as _watch  # noqa: F401, PLC0415
        from bihuan.loop.watch import projectors as watch  # noqa: F401, PLC0415

        standing.organisations_are(organisations.people)
        from bihuan.loop import found, guards  # noqa: F401, PLC0415 - models must be loaded first
        from bihuan.loop.callout import projectors as callout  # noqa: F401, PLC0415
        from bihuan.loop.daily import projectors as daily  # noqa: F401, PLC0415
