"""Every kind: importing this module makes all of them known."""

from bihuan.register.imports import (
    of_areas,
    of_duties,
    of_offices,
    of_people,
    of_speakers,
    of_typed,
)

__all__ = ["of_areas", "of_duties", "of_offices", "of_people", "of_speakers", "of_typed"]
