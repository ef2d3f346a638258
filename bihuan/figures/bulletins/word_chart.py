"""A series as a column chart of Word's own: its numbers stand in it; Word and WPS draw it."""

from __future__ import annotations

from typing import Any, Final
from xml.sax.saxutils import escape

from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from bihuan.figures.bulletins.paper import Picture

_TYPE: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_C: Final = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_SHOW: Final = (
    *("showLegendKey", "showVal", "showCatName"),
    *("showSerName", "showPercent", "showBubbleSize"),
)
_INK: Final = '<a:solidFill><a:srgbClr val="0C6355"/></a:solidFill>'
_CHART: Final = """<?xml version="1.0" encoding="UTF-8"?>
<c:chartSpace xmlns:c="{c}" xmlns:a="{a}"><c:chart><c:autoTitleDeleted val="1"/>
<c:plotArea><c:layout/><c:barChart><c:barDir val="col"/><c:grouping val="clustered"/>
<c:ser><c:idx val="0"/><c:order val="0"/><c:spPr>{ink}</c:spPr>{soft}<c:dLbls>{shown}</c:dLbls>
<c:cat><c:strLit>{count}{names}</c:strLit></c:cat>
<c:val><c:numLit>{count}{values}</c:numLit></c:val></c:ser>
<c:axId val="1"/><c:axId val="2"/></c:barChart>
<c:catAx><c:axId val="1"/><c:scaling/><c:delete val="0"/><c:axPos val="b"/>
<c:crossAx val="2"/></c:catAx>
<c:valAx><c:axId val="2"/><c:scaling>{floor}</c:scaling><c:delete val="0"/>
<c:axPos val="l"/><c:minorTickMark val="none"/><c:crossAx val="1"/></c:valAx>
</c:plotArea></c:chart></c:chartSpace>"""


def add_chart(doc: Any, n: int, picture: Picture) -> None:
    """Append the n-th chart of a document, with its title below."""
    uri = PackURI(f"/word/charts/chart{n}.xml")
    part = Part(uri, _TYPE, chart_xml(picture), doc.part.package)
    name = doc.part.relate_to(part, RELATIONSHIP_TYPE.CHART)
    title = escape(picture.title, {chr(34): "&quot;"})
    frame = parse_xml(
        f"<w:drawing {nsdecls('w', 'wp', 'a', 'r')}><wp:inline>"
        f'<wp:extent cx="5760000" cy="2160000"/>'
        f'<wp:docPr id="{900 + n}" name="chart {n}" descr="{title}"/>'
        f'<a:graphic><a:graphicData uri="{_C}"><c:chart xmlns:c="{_C}" r:id="{name}"/>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
    doc.add_paragraph().add_run()._r.append(frame)
    doc.add_paragraph(picture.title).alignment = WD_ALIGN_PARAGRAPH.CENTER


def chart_xml(picture: Picture) -> bytes:
    """The chart's part: bars stand on zero, inexact or provisional ones are hollow."""
    points = picture.points
    has_minus = any(point.value.startswith("-") for point in points)
    soft = [n for n, one in enumerate(points) if one.is_provisional or not one.is_exact]
    return _CHART.format(
        c=_C,
        a=_A,
        ink=_INK,
        soft="".join(
            f'<c:dPt><c:idx val="{n}"/><c:spPr><a:noFill/><a:ln w="12700">{_INK}'
            '<a:prstDash val="dash"/></a:ln></c:spPr></c:dPt>'
            for n in soft
        ),
        shown="".join(f'<c:{name} val="{int(name == "showVal")}"/>' for name in _SHOW),
        count=f'<c:ptCount val="{len(points)}"/>',
        names="".join(_point(n, one.period) for n, one in enumerate(points)),
        values="".join(_point(n, one.value) for n, one in enumerate(points)),
        floor="" if has_minus else '<c:min val="0"/>',
    ).encode()


def _point(n: int, text: str) -> str:
    return f'<c:pt idx="{n}"><c:v>{escape(text)}</c:v></c:pt>'
