"""Whether a paper was issued here and still says what is so: the code against the released editions."""

from datetime import date
from functools import partial
from typing import Any, Literal

from litestar import MediaType, Response, get
from msgspec import Struct

from publisher.claim import KINDS, Claim, CodeForged, CodeUnreadable, read_code
from publisher.edition import Entry
from publisher.pages import render
from publisher.pages.sheet import Sheet, grade_of, sheet
from publisher.pages.words import PLATES, shown_status
from publisher.shown import shown_grade
from publisher.site.answers import SECURITY, Visit, common, site_of, store_of
from publisher.site.store import OpenEdition, Store
from scoring.words import chinese

Found = Literal["none", "unreadable", "forged", "ahead", "withdrawn", "old", "current"]


class Check(Struct, frozen=True, kw_only=True):
    """What is to be said of a code: what the paper claims, and what is so now."""

    found: Found
    claim: Claim | None = None
    now: Entry | None = None


@get("/verify", sync_to_thread=False)
def verify_paper(request: Visit) -> Response[Any]:
    """The form, and what is to be said of the code in `p`."""
    store = store_of(request)
    edition = store.current()
    typed = request.query_params.get("p", "").strip()
    values = common(request)
    check = check_code(store, edition, typed)
    text = render.page(
        "verify.html",
        **render.about(edition.manifest, edition.digest),
        **values,
        sheets=f"{values['up']}static/",
        typed=typed,
        check=check,
        paper=KINDS[check.claim.kind] if check.claim else "",
        PLATES=PLATES,
        shown=partial(shown_status, unrated=edition.policy.unrated),
        graded=partial(shown_grade, licensed=bool(check.now and check.now.facts.licences)),
        grade=grade_of(check.now) if check.now else "",
        unrated=edition.policy.unrated,
        chinese=chinese,
        place=_place(edition, check.now),
        sheet=_sheet(edition, check.now, site_of(request).today()),
    )
    headers = {**SECURITY, "Cache-Control": "no-cache", "Vary": "Cookie"}
    return Response(text, media_type=MediaType.HTML, headers=headers)


def check_code(store: Store, edition: OpenEdition, typed: str) -> Check:
    """Compares what was signed with the edition in force."""
    if not typed:
        return Check(found="none")
    try:
        claim = read_code(typed, store.editions / "bureau.pub")
    except CodeUnreadable:
        return Check(found="unreadable")
    except CodeForged:
        return Check(found="forged")
    now = edition.entry(claim.institution)
    return Check(found=_standing(store, edition, claim, now), claim=claim, now=now)


def _standing(store: Store, edition: OpenEdition, claim: Claim, now: Entry | None) -> Found:
    if claim.edition not in store.names():
        # A copy of the site that is behind must not call a fresh paper old.
        return "ahead" if _order(claim.edition) > _order(edition.name) else "old"
    if now is None or store.edition(claim.edition).entry(claim.institution) is None:
        return "withdrawn"
    same = (now.rating.grade, now.rating.status) == (claim.grade, claim.status)
    return "current" if same and claim.edition == edition.name else "old"


def _order(name: str) -> tuple[str, int]:
    period, _, number = name.partition(".")
    return period, int(number) if number.isdecimal() else 0


def _sheet(edition: OpenEdition, entry: Entry | None, today: date) -> Sheet | None:
    """What is so now of whoever the paper is about."""
    on = edition.manifest.cut_off
    return sheet(entry, edition.policy, edition.places, on, today) if entry else None


def _place(edition: OpenEdition, entry: Entry | None) -> str:
    found = edition.places.get(entry.jurisdiction) if entry else None
    return found.name if found else ""
