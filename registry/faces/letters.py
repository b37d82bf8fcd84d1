"""Letters on paper: one letter format for every paper an institution hands in or takes away."""

from pathlib import Path
from typing import Any

from litestar import Response
from markupsafe import Markup

from registry.credit_file import CreditFile
from registry.faces.desk import Office, environment
from registry.procedure import PAYMENT, REVIEW
from registry.queries.spot import SpotPaper, review_organ

_CSS = Path(__file__).with_name("letter.css")


def letter(office: Office, template: str, **values: Any) -> bytes:
    """A template as tagged PDF (A4)."""
    common = {
        "css": Markup(_CSS.read_text("utf-8")),  # noqa: S704 our file
        "organ": office.organ,
        "fictional": office.fictional,
        "made_on": office.now(),
    }
    return office.paper(environment().get_template(template).render(**common, **values))


def spot_letter(office: Office, paper: SpotPaper, file: CreditFile) -> bytes:
    """The decision made on the spot as tagged PDF, with every term counted out (行政处罚法 第五十二条)."""
    return letter(
        office,
        "letter_spot.html",
        paper=paper,
        file=file,
        pay_by=PAYMENT.ends(paper.on, office.calendar),
        review_by=REVIEW.ends(paper.on, office.calendar),
        review_organ=review_organ(paper.organ),
    )


def pdf(content: bytes, name: str) -> Response[bytes]:
    """The answer that shows a paper; nobody may keep it on the way."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{name}.pdf"',
    }
    return Response(content, media_type="application/pdf", headers=headers)
