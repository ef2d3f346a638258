"""Draw the icons of the home screen from the mark: `python -m tools.icons`.

The ring with its tick of `mark.svg`, on the brand's green; masked: smaller, so that a round cut
of the phone leaves it whole.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[1] / "bihuan/console/static/console"
GREEN, TIMES = "#0c6355", 4
RING = ((25.0, 16.0), (21.4, 8.8))  # where it begins and ends
TICK = ((11.5, 16.0), (15.0, 19.5), (23.5, 10.5))
DRAWN = (("icon-180", 180, 1.0), ("icon-192", 192, 1.0), ("icon-512", 512, 1.0))
MASKED = ("icon-512-masked", 512, 0.8)


def drawn(size: int, share: float) -> Image.Image:
    """The mark, whose own field is 32 wide, over the whole square."""
    whole = size * TIMES
    scale, edge = whole / 32 * share, whole * (1 - share) / 2
    image = Image.new("RGB", (whole, whole), GREEN)
    pen = ImageDraw.Draw(image)

    def at(x: float, y: float) -> tuple[float, float]:
        return x * scale + edge, y * scale + edge

    wide, half = round(2.6 * scale), 1.3
    outer = 9 + half  # the arc is drawn inwards from its edge
    pen.arc((*at(16 - outer, 16 - outer), *at(16 + outer, 16 + outer)), 0, 307, "white", wide)
    pen.line([at(*one) for one in TICK], "white", wide, joint="curve")
    for x, y in (RING[0], RING[1], TICK[0], TICK[2]):
        pen.ellipse((*at(x - half, y - half), *at(x + half, y + half)), "white")
    return image.resize((size, size), Image.Resampling.LANCZOS)


if __name__ == "__main__":
    for name, size, share in (*DRAWN, MASKED):
        drawn(size, share).save(FOLDER / f"{name}.png", optimize=True)
