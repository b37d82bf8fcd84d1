"""Proof of receipt, and the letters themselves, as pages, PDF and the exact text."""

from typing import Any

from litestar import MediaType, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import File
from msgspec import structs

from registry import queries
from registry.accounts import Person
from registry.database import reading
from registry.errors import NotFound
from registry.faces.desk import Visit, office_of, page, person_of
from registry.faces.letters import letter, pdf
from registry.queries.receipts import Receipt, file_of, receipt
from registry.uploads import SUFFIXES, place_of


@get("/my/receipts/{seq:int}", opt={"reach": {"seq": "nothing"}}, sync_to_thread=False)
def my_receipt(request: Visit, seq: int) -> Response[Any]:
    """The receipt as a page."""
    person = person_of(request)
    found, name = _found(request, person, seq)
    return page(request, "my_receipt.html", here="matters", person=person, receipt=found, name=name)


@get(
    "/my/receipts/{seq:int}/{paper:str}",
    opt={"reach": {"seq": "nothing", "paper": "nothing"}},
    sync_to_thread=True,
)
def my_paper(request: Visit, seq: int, paper: str) -> Response[Any]:
    """The receipt, the letter or the undertaking as PDF, or the very text its digest is of."""
    person, office = person_of(request), office_of(request)
    found, name = _found(request, person, seq)
    if paper == "receipt.pdf":
        made = letter(office, "letter_receipt.html", receipt=found, name=name)
    elif paper == "letter.pdf":
        made = letter(office, "letter_filed.html", receipt=found, name=name)
    elif paper == "undertaking.pdf" and found.undertaking:
        *lines, signer = found.undertaking.split("\n")
        made = letter(
            office,
            "letter_undertaking.html",
            number=f"信用修复申请 {found.subject}",
            name=name,
            lines=lines,
            signer=signer,
            on=found.at.date(),
        )
    elif paper == "text.txt" and found.text_sha256:
        headers = {"Cache-Control": "no-store", "Content-Disposition": "attachment"}
        return Response(found.text.encode(), media_type=MediaType.TEXT, headers=headers)
    else:
        raise NotFound("文书", paper)
    return pdf(made, f"{found.number}-{paper.removesuffix('.pdf')}")


@get("/my/files/{digest:str}", opt={"reach": {"digest": "nothing"}}, sync_to_thread=False)
def my_file(request: Visit, digest: str) -> File:
    """A file the institution handed in itself, as it came."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        found = file_of(session, person.institution, digest)
    return File(
        path=place_of(office.uploads, found.sha256),
        filename=f"{found.sha256[:16]}{SUFFIXES.get(found.media, '')}",
        media_type=found.media,
        headers={"Cache-Control": "no-store"},
    )


RECEIPT_ROUTES: list[HTTPRouteHandler] = [my_receipt, my_paper, my_file]


def _found(request: Visit, person: Person, seq: int) -> tuple[Receipt, str]:
    office = office_of(request)
    with reading(office.engine) as session:
        found = receipt(session, person.institution, seq)
        file = queries.credit_file(session, person.institution, office.now().date())
    return structs.replace(found, at=found.at.astimezone(office.now().tzinfo)), file.name
