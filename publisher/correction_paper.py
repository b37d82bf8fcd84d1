"""The notice of correction on paper: tagged PDF, the same bytes for the same edition on any day."""

from pathlib import Path

from publisher.edition import Edition
from publisher.kept import Kept
from publisher.pages.words import stood
from publisher.print.engine import require_printing, typeset
from publisher.print.lines import phrases
from publisher.print.seal import Seal, grouped
from scoring.words import chinese

NAME = "corrections.pdf"


def render_corrections(edition: Edition, folder: Path, *, kept: Kept | None = None) -> None:
    """Writes `corrections.pdf` where the edition corrects anything; raises PrintingUnavailable."""
    if not edition.corrections:
        return
    # What an edition corrects is signed with it, and never another.
    if kept is not None and kept.take_paper(NAME, folder):
        return
    require_printing()
    manifest, digest = edition.manifest, grouped(edition.digest)
    places = {one.id: one.name for one in manifest.jurisdictions}
    values = {
        "title": "更正公告",
        "organ": manifest.organ,
        "edition": manifest.label,
        "released": manifest.released_on,
        "released_on": chinese(manifest.released_on),
        "cut_off": chinese(manifest.cut_off),
        "fiction": "演示数据" if manifest.fictional else "",
        "seal": Seal.of(manifest.organ, manifest.label, manifest.released_on, edition.digest),
        "digest": (digest[:19], digest[20:]),
        "rows": [
            (
                one.institution,
                phrases(one.name),
                places.get(one.jurisdiction, ""),
                [
                    (
                        was.edition,
                        *(stood(side, edition.unrated) for side in (was.before, was.after)),
                    )
                    for was in one.editions
                ],
                one.reason,
                one.document_no,
            )
            for one in edition.corrections
        ],
    }
    typeset(folder / NAME, "corrections.html", values)
