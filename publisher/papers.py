"""Papers about one institution from a released edition: certificate of standing and door notice."""

from collections.abc import Callable
from datetime import date
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from publisher.claim import KINDS, Claim, Kind, code_of, grouped_code
from publisher.edition import Entry, Manifest
from publisher.pages.words import fees, listings_of, plate
from publisher.print.engine import environment, paper_sheet, set_page
from publisher.print.lines import phrases
from publisher.print.seal import Seal, grouped
from publisher.shown import as_one
from scoring.telling import vetoed
from scoring.words import chinese, score_words

LONG, LONGEST = 24, 60
ROOM = 70  # signs of an alert


class Standing(Struct, frozen=True, kw_only=True):
    """What a paper is made from: an edition, an entry of it, and when the next one comes."""

    manifest: Manifest
    digest: str
    entry: Entry
    place: str
    next_on: str
    contact: str = ""


def standing_paper(
    kind: Kind, source: Standing, on: date, address: str, sign: Callable[[bytes], bytes]
) -> bytes:
    """The paper as tagged PDF; `address` is where its code is checked; raises PrintingUnavailable."""
    entry, manifest = source.entry, source.manifest
    claim = Claim(
        kind=kind,
        institution=entry.institution,
        edition=manifest.name,
        grade=entry.rating.grade,
        status=entry.rating.status,
        on=on,
    )
    code, listing = code_of(claim, sign), as_one(listings_of(entry, manifest.cut_off))
    alerts = [one for one in entry.alerts or () if one.until >= on]
    warned = max((one.issued_on for one in alerts), default=None)
    values: dict[str, Any] = {
        "title": KINDS[kind],
        "organ": manifest.organ,
        "manifest": manifest,
        "entry": entry,
        "parts": phrases(entry.name),
        "size": _size(entry.name),
        "place": source.place,
        "plate": plate(entry, manifest.cut_off, warned),
        "alerts": [(_short(one.text), chinese(one.until)) for one in alerts],
        "score": "" if vetoed(entry.rating) else score_words(entry.rating),
        "until": chinese(listing.until) if listing else "",
        "fees": fees(entry.facts),
        "bank": _bank(entry, manifest.cut_off),
        "seal": Seal.of(manifest.organ, manifest.label, manifest.released_on, source.digest),
        "digest": grouped(source.digest),
        "made_on": chinese(on),
        "day": on.isoformat(),
        "cut_off": chinese(manifest.cut_off),
        "released_on": chinese(manifest.released_on),
        "next_on": source.next_on,
        "contact": source.contact,
        "address": address,
        "code": grouped_code(code),
        "qr": _qr(f"{address}?p=", code),
    }
    return set_page(environment().get_template(f"{kind}.html").render(values), [paper_sheet()])


def _size(name: str) -> str:
    if len(name) > LONGEST:
        return "longest"
    return "long" if len(name) > LONG else ""


def _short(text: str) -> str:
    """What of an alert a paper has room for."""
    return text if len(text) <= ROOM else f"{text[:ROOM]}……（全文请扫码）"


def _bank(entry: Entry, on: date) -> str:
    open_now = [one for one in entry.facts.custody if one.until is None or one.until >= on]
    return open_now[-1].bank if open_now else ""


def _qr(prefix: str, code: str) -> Markup:
    """The code's picture; the signed part is set in the denser mode for capitals and digits."""
    import segno
    from segno.consts import MODE_ALPHANUMERIC, MODE_BYTE

    content: Any = [(prefix, MODE_BYTE), (code, MODE_ALPHANUMERIC)]
    svg = segno.make(content, error="m", micro=False).svg_inline(
        border=4, svgclass="qr", lineclass=None, omitsize=True
    )
    # Drawn by the library, holds no text; the title is read aloud in place of the picture.
    return Markup(svg.replace("><", "><title>核验二维码</title><", 1))  # noqa: S704
