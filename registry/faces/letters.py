"""Letters on paper: one letter format for every paper an institution hands in or takes away."""

from pathlib import Path
from typing import Any

from litestar import Response
from markupsafe import Markup

from registry.faces.desk import Office, environment

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


def pdf(content: bytes, name: str) -> Response[bytes]:
    """The answer that shows a paper; nobody may keep it on the way."""
    headers = {
        "Cache-Control": "no-store",
        "Content-Disposition": f'inline; filename="{name}.pdf"',
    }
    return Response(content, media_type="application/pdf", headers=headers)
