"""Our CAP check beside the OASIS schema: what the schema refuses, we refuse; the rest is listed."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from lxml import etree

from bihuan.gateway.formats import cap
from tests.gateway.formats.test_cap import ALERT
from tests.outside import SHARED, needs

FOLDER = SHARED / "data" / "cap"
pytestmark = [pytest.mark.outside, needs("data", "cap", "cap12.xsd")]
NAMES = [f"v1dot2_appendix_adot{number}.xml" for number in range(1, 5)]
TEXTS = [
    "", " ", "x", "Actual", "Alert", "Public", "Met", "Past", "Unknown", "en", "zh_CN", "12", "-3",
    "1.5", "a,b,2026-07-01T01:00:00+08:00", "2026-07-01T01:00:00+08:00", "2026-07-01T01:00:00Z",
    "2026-02-29T01:00:00+08:00", "30,121 31,121 31,122 30,121", "30,121 4", "http://a/%zz", "红色",
]  # fmt: skip
# what the standard's text asks beyond its schema: the only grounds on which we may refuse more
BEYOND = {
    "identifier", "sender", "event", "areaDesc", "polygon", "circle", "references", "addresses",
    "restriction", "altitude", "size",
}  # fmt: skip


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(FOLDER / "cap12.xsd")))


@pytest.mark.parametrize("name", NAMES)
def test_check_accepts_the_alerts_of_the_standard(name: str) -> None:
    raw = (FOLDER / name).read_bytes()
    assert cap.check(raw) == []
    alert = cap.parse(raw)
    assert cap.parse(cap.write(alert)) == alert


@pytest.mark.parametrize("name", NAMES)
def test_write_is_valid_by_the_schema(name: str, schema: etree.XMLSchema) -> None:
    written = cap.write(cap.parse((FOLDER / name).read_bytes()))
    assert schema.validate(etree.fromstring(written)), schema.error_log


def mutants(raw: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    """Documents with one to three elements dropped, doubled, moved, renamed or filled anew."""
    for _ in range(count):
        root = etree.fromstring(raw)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            nodes = [node for node in root.iter(etree.Element) if node is not root]
            node = chance.choice(nodes)
            parent = node.getparent()
            assert parent is not None
            match chance.randrange(5):
                case 0:
                    parent.remove(node)
                case 1:
                    parent.insert(
                        chance.randrange(len(parent) + 1), etree.fromstring(etree.tostring(node))
                    )
                case 2:
                    parent.insert(chance.randrange(len(parent)), node)
                case 3:
                    node.tag = chance.choice(nodes).tag
                case _:
                    node.text = chance.choice(TEXTS)
        yield etree.tostring(root)


def test_check_refuses_whatever_the_schema_refuses(schema: etree.XMLSchema) -> None:
    """3,000 mutants: never laxer than the schema, and stricter only where the text says so."""
    chance = random.Random(20260701)
    sources = [ALERT.encode(), *((FOLDER / name).read_bytes() for name in NAMES)]
    accepted = refused = 0
    for raw in sources:
        for mutant in mutants(raw, chance, 600):
            is_valid = schema.validate(etree.fromstring(mutant))
            found = cap.check(mutant)
            accepted, refused = accepted + is_valid, refused + (not is_valid)
            if not is_valid:
                assert found, (mutant.decode(), schema.error_log)
                continue
            grounds = {fault.field.split("/")[-1].split("[")[0] for fault in found}
            assert grounds <= BEYOND, (mutant.decode(), found)
    assert accepted > 300
    assert refused > 300
