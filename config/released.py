"""The released editions for the portal: past ratings, and papers made from the newest one."""

from collections.abc import Callable
from datetime import datetime

from config.freezing import day_of
from config.naming import following
from config.settings import Settings
from publisher.claim import KINDS
from publisher.edition import Manifest, due_words
from publisher.paper_key import create_paper_key
from publisher.paper_signing import Signing, sign_paper
from publisher.papers import Standing, standing_paper
from publisher.print.seal import grouped
from publisher.signing import sign
from publisher.site.store import NothingReleased, Store
from registry.calendar import load_calendar
from registry.errors import NotFound
from registry.faces.published import Published, Released

_ROW = "SELECT status, grade, score FROM institution WHERE id = ?"


def released_of(settings: Settings, now: Callable[[], datetime]) -> Released:
    """What the portal may ask of the editions folder of this city."""
    store = Store(settings.editions)

    def ratings(institution: str) -> tuple[Published, ...]:
        return tuple(_ratings(store, name, institution) for name in store.names())

    def paper(kind: str, institution: str, address: str) -> bytes:
        if kind not in KINDS:
            raise NotFound("证明", kind)
        source = _standing(settings, store, institution)
        key, at = settings.keys / "bureau.key", now()
        made = standing_paper(kind, source, at.date(), address, lambda content: sign(content, key))
        # A city that has not released since papers are signed has no certificate yet.
        create_paper_key(settings.keys, settings.organ, at.date())
        return sign_paper(made, Signing(keys=settings.keys, at=at))

    return Released(ratings=ratings, paper=paper, site=settings.city.site)


def _ratings(store: Store, name: str, institution: str) -> Published:
    edition = store.edition(name)
    row = edition.lookup.execute(_ROW, (institution,)).fetchone()
    status, grade, score = row or (edition.lacks(institution), "", "")
    return Published(
        period=name,
        label=edition.manifest.label,
        status=status,
        grade=grade,
        score=score or "",
        digest=grouped(edition.digest),
        link=f"editions/{name}/",
    )


def _standing(settings: Settings, store: Store, institution: str) -> Standing:
    try:
        edition = store.current()
    except NothingReleased:
        raise NotFound("已发布的名单", "现行版次") from None
    entry = edition.entry(institution)
    if entry is None:
        raise NotFound("现行版次里的机构", institution)
    place = edition.places.get(entry.jurisdiction)
    return Standing(
        manifest=edition.manifest,
        digest=edition.digest,
        entry=entry,
        place=place.name if place else "",
        next_on=_next(settings, edition.manifest),
        contact=settings.contact,
    )


def _next(settings: Settings, manifest: Manifest) -> str:
    """The day on which the next month's list is due, as it is known today."""
    on = day_of(settings, following(manifest.period))
    return due_words(on, load_calendar(settings.holidays).is_provisional(on))
