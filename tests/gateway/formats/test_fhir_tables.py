"""Our tables of R4 beside the models of fhir.resources, which others wrote from the standard.

That package holds R4B; where R4B differs from R4 the difference is named here.
"""

from __future__ import annotations

import importlib
from typing import Any

import pytest

from bihuan.gateway.formats.fhir_types import CODES, TYPES

R4B_ONLY = {"Extension": {"valueCodeableReference", "valueRatioRange"}}
R4_ONLY = {"Extension": {"valueMeta"}}  # the package leaves it out


def model(type_name: str) -> dict[str, Any]:
    head, _, tail = type_name.partition(".")
    module = importlib.import_module(f"fhir.resources.R4B.{head.lower()}")
    found = getattr(module, head + tail[:1].upper() + tail[1:]).model_fields
    return {
        field.alias or name: field
        for name, field in found.items()
        if not name.endswith("__ext") and name not in ("fhir_comments", "resource_type")
    }


@pytest.mark.parametrize("type_name", sorted(set(TYPES) - {"SimpleQuantity"}))
def test_tables_have_the_elements_of_the_standard(type_name: str) -> None:
    theirs, ours = model(type_name), TYPES[type_name]
    assert set(theirs) - R4B_ONLY.get(type_name, set()) == set(ours) - R4_ONLY.get(type_name, set())
    for name in set(theirs) & set(ours):
        assert ("List" in str(theirs[name].annotation)) == ours[name].is_many, name


def test_tables_require_what_the_standard_requires_of_primitives() -> None:
    for type_name in set(TYPES) - {"SimpleQuantity"}:
        for name, field in model(type_name).items():
            extra = field.json_schema_extra or {}
            if extra.get("element_required"):
                assert TYPES[type_name][name].is_required, (type_name, name)


def test_tables_allow_the_codes_of_the_standard() -> None:
    for (type_name, name), codes in CODES.items():
        extra = model(type_name)[name].json_schema_extra or {}
        published = set(extra.get("enum_values") or codes) - {"+"}  # "+" stands for further ones
        assert published <= set(codes), (type_name, name)
