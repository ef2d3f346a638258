"""Names on pages: opened where the reader may see them, masked in lists."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language

from bihuan.journal.keys import KeyRing
from bihuan.journal.storage import MAIN
from bihuan.register.masking import masked
from bihuan.register.models import Person

ERASED = "—"


class People:
    """Names for one page: one query for all persons that it names."""

    def __init__(self, keys: KeyRing, person_ids: Iterable[int | None]) -> None:
        self._keys = keys
        wanted = {identity for identity in person_ids if identity is not None}
        self._rows = Person.objects.using(MAIN).in_bulk(list(wanted)) if wanted else {}
        self._is_latin = (get_language() or "zh").startswith("en")

    def name(self, person_id: int | None) -> str:
        """The full name in the reader's script; a dash for the erased and unknown."""
        row = self._rows.get(person_id) if person_id is not None else None
        if row is None:
            return ERASED
        return self._keys.open(row.latin if self._is_latin else row.name) or ERASED

    def masked(self, person_id: int | None) -> str:
        """王** or Wang **: what lists and walls show."""
        name = self.name(person_id)
        if name == ERASED:
            return name
        return masked("latin" if self._is_latin else "name", name)

    def initial(self, person_id: int | None) -> str:
        """One character for the round badge."""
        name = self.name(person_id)
        return name[:1] if self._is_latin else name[-1:]

    def phone(self, person_id: int | None) -> str:
        """The phone number, or nothing."""
        row = self._rows.get(person_id) if person_id is not None else None
        return (self._keys.open(row.phone) or "") if row is not None else ""
