"""A paper as Word: numbers link to the annex, series are Word's own charts, marks on every page."""

from __future__ import annotations

import io
from typing import Any, Final

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from bihuan.figures.bulletins.paper import Noted, Paper
from bihuan.figures.bulletins.text import Segment
from bihuan.figures.bulletins.word_chart import add_chart

FONT: Final = "SimSun"
LATIN_FONT: Final = "Times New Roman"
BRAND: Final = RGBColor(0x0C, 0x63, 0x55)


def document(paper: Paper) -> bytes:
    """The bytes of a .docx."""
    doc = Document()
    _styled(doc)
    _header(doc, " · ".join(paper.marks))
    title = doc.add_heading(paper.head.title, 0)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    meta = f"{paper.head.place} · {paper.head.period}"
    line = doc.add_paragraph(" · ".join(part for part in (meta, paper.head.issued) if part))
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if paper.head.withdrawn:
        doc.add_paragraph(f"{paper.word('withdrawn')}: {paper.head.withdrawn}")
    for segments in paper.paragraphs:
        line = _say(doc, segments, paper.anchors)
        if paper.head.language == "zh":
            line.paragraph_format.first_line_indent = Pt(22)
    for name in ("provisional", "published"):
        if any(getattr(one, f"is_{name}") for one in paper.figures):
            doc.add_paragraph(paper.word(name)).runs[0].font.size = Pt(9.5)
    _beside(doc, paper)
    _annex(doc, paper)
    _trail(doc, paper)
    content = io.BytesIO()
    doc.save(content)
    return content.getvalue()


def _beside(doc: Any, paper: Paper) -> None:
    """What comparisons rest on, and the charts."""
    if paper.claims:
        doc.add_heading(paper.word("claims"), 2)
        for claim in paper.claims:
            doc.add_paragraph(claim)
    if paper.pictures:
        doc.add_heading(paper.word("charts"), 2)
        for n, picture in enumerate(paper.pictures, 1):
            add_chart(doc, n, picture)


def _styled(doc: Any) -> None:
    for name in ("Normal", "Title", "Heading 2"):
        style = doc.styles[name]
        style.font.name = LATIN_FONT
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for script, font in (
            ("w:eastAsia", FONT),
            ("w:ascii", LATIN_FONT),
            ("w:hAnsi", LATIN_FONT),
        ):
            fonts.set(qn(script), font)
        for theme in ("w:asciiTheme", "w:eastAsiaTheme", "w:hAnsiTheme"):
            fonts.attrib.pop(qn(theme), None)
    doc.styles["Normal"].font.size = Pt(11)
    doc.styles["Title"].font.size = Pt(19)
    section = doc.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)


def _header(doc: Any, marks: str) -> None:
    """演示 and 业务数据，非统计数据 on every page, and which page it is."""
    line = doc.sections[0].header.paragraphs[0]
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    line.add_run(marks).font.size = Pt(9)
    foot = doc.sections[0].footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for said in ("PAGE", " / ", "NUMPAGES"):
        if said != " / ":
            field = OxmlElement("w:fldSimple")
            field.set(qn("w:instr"), said)
            foot._p.append(field)
        else:
            foot.add_run(said)


def _say(doc: Any, segments: list[Segment], anchors: dict[str, str]) -> Any:
    line = doc.add_paragraph()
    for one in segments:
        anchor = anchors.get(one.token.key, "") if one.token else ""
        run = line.add_run(one.text)
        if anchor:
            run.font.color.rgb = BRAND
            run.font.underline = True
            link = OxmlElement("w:hyperlink")
            link.set(qn("w:anchor"), anchor)
            run._r.addprevious(link)
            link.append(run._r)
    return line


def _annex(doc: Any, paper: Paper) -> None:
    doc.add_heading(paper.word("annex"), 2)
    for one in paper.figures:
        name = doc.add_paragraph()
        _bookmark(name, one)
        name.add_run(f"{one.n}. {one.title} · {one.scope} · {one.period}").bold = True
        is_, and_ = paper.word("is"), paper.word("and")
        said = [f"{paper.word('value')}{is_}{one.value}", one.growth, one.rank]
        if one.denominator:
            said.append(f"{paper.word('numerator')} {one.numerator}")
            said.append(f"{paper.word('denominator')} {one.denominator}")
        rows = [and_.join(part for part in said if part)]
        rows.append(f"{paper.word('definition')}{is_}{one.definition}")
        rows.append(f"{paper.word('source')}{is_}{one.source} {one.href}".rstrip())
        name.paragraph_format.keep_with_next = True
        name.paragraph_format.space_after = Pt(0)
        for n, row in enumerate(rows, 1):
            line = doc.add_paragraph(row)
            line.paragraph_format.left_indent = Pt(22)
            line.paragraph_format.keep_with_next = n < len(rows)
            line.paragraph_format.space_after = Pt(8 if n == len(rows) else 0)


def _bookmark(line: Any, one: Noted) -> None:
    start, end = OxmlElement("w:bookmarkStart"), OxmlElement("w:bookmarkEnd")
    for mark in (start, end):
        mark.set(qn("w:id"), str(one.n))
    start.set(qn("w:name"), one.anchor)
    line._p.append(start)
    line._p.append(end)


def _trail(doc: Any, paper: Paper) -> None:
    if paper.head.trail:
        doc.add_heading(paper.word("trail"), 2)
        table = doc.add_table(rows=0, cols=4, style="Table Grid")
        for one in paper.head.trail:
            cells = table.add_row().cells
            for cell, text in zip(
                cells, (str(one.version), one.at, one.who, one.reason), strict=True
            ):
                cell.text = text
    if paper.head.digest:
        line = doc.add_paragraph(f"{paper.word('digest')} {paper.head.digest}")
        line.runs[0].font.size = Pt(8)
