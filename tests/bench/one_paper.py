"""`python -m tests.bench.one_paper ours|raw SOURCE TARGET`: one list printed, importing no more than that takes."""

import sys
from pathlib import Path

import msgspec

from publisher.pdf import Paper, print_paper
from publisher.print.rows import COLUMNS, cells


def print_ours(source: Path, target: Path) -> None:
    """One list by our own way."""
    print_paper(target, msgspec.json.decode(source.read_bytes(), type=Paper))


def print_raw(source: Path, target: Path) -> None:
    """The same cells by reportlab's raw canvas."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    paper = msgspec.json.decode(source.read_bytes(), type=Paper)
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(target), pagesize=landscape(A4), pageCompression=1)
    places = [45.0]
    for column in COLUMNS["white"]:
        places.append(places[-1] + column.width * 72 / 25.4)
    number = 0
    for section in paper.sections:
        rows = [cells(row, at, "white") for at, row in enumerate(section.rows, 1)]
        for start in range(0, len(rows), 25):
            number += 1
            canvas.setFont("STSong-Light", 8.6)
            canvas.drawCentredString(421, 30, f"第 {number} 页")
            heads = tuple((column.title,) for column in COLUMNS["white"])
            for at, row in enumerate((heads, *rows[start : start + 25])):
                for x, cell in zip(places, row, strict=False):
                    canvas.drawString(x, 520 - at * 18, cell[0])
                canvas.line(45, 515 - at * 18, 796, 515 - at * 18)
            canvas.showPage()
    canvas.save()


if __name__ == "__main__":
    work = {"ours": print_ours, "raw": print_raw}[sys.argv[1]]
    work(Path(sys.argv[2]), Path(sys.argv[3]))
