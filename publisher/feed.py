"""Edition → Atom (RFC 4287): what changed and why, for the whole city, each district and each institution.

Each edition's feed is an archive document of RFC 5005 that names the one before it, so that whoever missed
a month reads back without a gap.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from msgspec import Struct

from publisher.changes import GONE, Change, told_changes
from publisher.edition import Edition, Manifest, folder_of
from publisher.notices import Notice, Says, notices, released_on
from publisher.pages.words import PLATES, TAGS, stood
from publisher.removals import Removal, read_removals
from scoring.policy import Unrated

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
ATOM_MEDIA = "application/atom+xml"
KINDS = {"added": "新列示", "removed": "不再列示", "changed": "变化", "withdrawn": "撤回"}
# XML 1.0 has no place for these, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Where(Struct, frozen=True, kw_only=True):
    """Where a feed stands: its own address, and the ways from it to its edition, to all editions, to the site."""

    own: str
    edition: str
    editions: str
    site: str
    is_archive: bool


class Issued(Struct, frozen=True, kw_only=True):
    """An edition as a feed tells of it: its manifest, its digest, and the folder of the one before, if that lies here.

    `told` is what it says besides its changes, `withdrawn` whose entry was withdrawn from it, and when, and
    `earlier` whose from the edition before.
    """

    manifest: Manifest
    digest: str
    unrated: Unrated
    older: str = ""
    told: tuple[Notice, ...] = ()
    withdrawn: dict[str, date] = {}
    earlier: dict[str, date] = {}

    @property
    def updated(self) -> date:
        """When the feed last changed: at the release, or by a withdrawal after it."""
        return max([self.manifest.released_on, *self.withdrawn.values()])

    def changed_on(self, change: Change) -> date:
        """The day since which a change says what it says: that of the release, or of a withdrawal after it."""
        gone = self.earlier if change.before == GONE else self.withdrawn
        released_on = self.manifest.released_on
        return max(released_on, gone.get(change.institution, released_on))


def render_feed(edition: Edition, folder: Path) -> None:
    """Writes `feed.atom`, and `feed/<jurisdiction>.atom` for each jurisdiction, of the `changes.json` there."""
    last = folder_of(folder.parent, edition.manifest.previous)
    changed = told_changes(folder) if last else ()
    issued = issued_of(edition, last, edition.withdrawn)
    (folder / "feed").mkdir(exist_ok=True)
    for place in ("", *(one.id for one in edition.manifest.jurisdictions)):
        up = "../" if place else ""
        own = archive_name(place)
        where = Where(
            own=f"{up}{own}",
            edition=up,
            editions=f"{up}../",
            site=f"{up}../../",
            is_archive=True,
        )
        (folder / own).write_bytes(feed(issued, changed, place, where))


def issued_of(says: Says, last: Path | None, withdrawn: Mapping[str, Removal]) -> Issued:
    """What a feed tells of an edition that follows the one in a folder."""
    told = notices(says, withdrawn, released_on(last))
    return Issued(
        manifest=says.manifest,
        digest=says.digest,
        unrated=says.unrated,
        older=last.name if last else "",
        told=tuple(told),
        withdrawn={id: one.on for id, one in withdrawn.items()},
        earlier={one.institution: one.on for one in read_removals(last)} if last else {},
    )


def archive_name(place: str) -> str:
    """Where in an edition's folder the feed of a jurisdiction lies; the city's where there is none."""
    return f"feed/{place}.atom" if place else "feed.atom"


def feed(issued: Issued, changed: Iterable[Change], place: str, where: Where) -> bytes:
    """What an edition changes, whole or of one jurisdiction; its identity is that of all editions' feeds alike."""
    manifest = issued.manifest
    own = [one for one in changed if not place or one.jurisdiction == place]
    named = next((one.name for one in manifest.jurisdictions if one.id == place), place)
    made = _head(
        _id(manifest.city, "feed", place),
        f"{manifest.title}的变化" + (f"：{named}" if place else ""),
        f"{manifest.label}，校验码 {issued.digest}",
        (issued, max([issued.updated, *map(issued.changed_on, own)])),
        where,
    )
    _link(made, "alternate", f"{where.edition}index.html", "text/html")
    if where.is_archive:
        SubElement(made, "fh:archive")
    if issued.older:
        back = f"{where.editions}{issued.older}/{archive_name(place)}"
        _link(made, "prev-archive", back, ATOM_MEDIA)
    release = SubElement(made, "entry")
    _text(release, "id", _id(issued.digest, place, "edition"))
    _text(release, "title", f"{manifest.label}已发布")
    _text(release, "updated", _instant(manifest.released_on))
    _link(release, "alternate", f"{where.edition}index.html", "text/html")
    counts = "，".join(
        f"{TAGS[key]} {manifest.counts[key]:,} 家" for key in PLATES if key in manifest.counts
    )
    _text(release, "content", f"截至 {manifest.cut_off} 24 时，全市{counts}。", type="text")
    for id, notice in _identified(issued):
        if place in ("", notice.jurisdiction):
            _notice(made, id, notice, where)
    for one in own:
        _entry(made, issued, one, where)
    return _written(made)


def _identified(issued: Issued) -> Iterator[tuple[str, Notice]]:
    """What an edition tells besides its changes, each with an identity of its own.

    Of several that befell an institution on one day, from another list or in another way, the first has the
    identity it would have alone; their order is that of `removals.json`, in whichever feed they are told.
    """
    seen = Counter[tuple[str, ...]]()
    for one in issued.told:
        which = (one.institution, one.term, one.on.isoformat())
        again = (str(seen[which]),) if seen[which] else ()
        seen[which] += 1
        yield _id(issued.digest, *which, *again), one


def _notice(made: Element, id: str, one: Notice, where: Where) -> None:
    """An entry of its own: whoever read a mistake here reads its mending here."""
    entry = SubElement(made, "entry")
    _text(entry, "id", id)
    _text(entry, "title", one.title)
    _text(entry, "updated", _instant(one.on))
    SubElement(entry, "category", {"term": one.term, "label": one.label})
    _link(entry, "alternate", f"{where.edition}index.html#{one.place}", "text/html")
    _text(entry, "content", one.content, type="text")


def institution_feed(
    institution: str, name: str, told: Sequence[tuple[Issued, Change]], where: Where
) -> bytes:
    """Every change of one institution, the newest first, each the same entry as in its edition's feed.

    `told` is not empty: the first thing told of an institution is that it is new.
    """
    newest = told[0][0]
    id = _id(newest.manifest.city, "feed", "institution", institution)
    title = f"{name}（{institution}）的变化"
    made = _head(id, title, "每一版次里名单或者等级的变化", (newest, newest.updated), where)
    _link(made, "alternate", f"{where.site}i/{institution}/", "text/html")
    for issued, one in told:
        _entry(made, issued, one, where)
    return _written(made)


def _head(id: str, title: str, subtitle: str, issued: tuple[Issued, date], where: Where) -> Element:
    # Prefixes are written out: ElementTree's own are one table that any library may change.
    made = Element("feed", {"xmlns": ATOM, "xmlns:fh": HISTORY, "xml:lang": "zh-Hans"})
    _text(made, "id", id)
    _text(made, "title", title)
    _text(made, "subtitle", subtitle)
    newest, updated = issued
    _text(made, "updated", _instant(updated))
    _text(SubElement(made, "author"), "name", newest.manifest.organ)
    _link(made, "self", where.own, ATOM_MEDIA)
    return made


def _entry(made: Element, issued: Issued, one: Change, where: Where) -> None:
    """One change."""
    entry = SubElement(made, "entry")
    sides = [stood(side, issued.unrated) for side in (one.before, one.after)]
    # Without a word for where it went the title would say that it still stands where it stood.
    left = KINDS[one.kind] if one.kind in ("removed", "withdrawn") else ""
    moved = " → ".join(filter(None, [*sides, left]))
    _text(entry, "id", _id(issued.digest, one.institution))
    _text(entry, "title", f"{one.name}：{moved}")
    _text(entry, "updated", _instant(issued.changed_on(one)))
    SubElement(entry, "category", {"term": one.kind, "label": KINDS[one.kind]})
    _link(entry, "alternate", f"{where.site}i/{one.institution}/", "text/html")
    _text(entry, "content", f"{moved}。{one.why}", type="text")


def _id(*parts: str) -> str:
    """A name that is the same whenever the edition is rendered again, and no other's."""
    return uuid5(NAMESPACE_URL, "urn:xinyong:" + ":".join(parts)).urn


def _instant(on: date) -> str:
    """The day of release; Atom wants an instant, and an edition knows its day only."""
    return f"{on}T00:00:00Z"


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _FORBIDDEN.sub("\ufffd", text)


def _link(parent: Element, rel: str, href: str, media: str) -> None:
    SubElement(parent, "link", {"rel": rel, "href": href, "type": media})


def _written(made: Element) -> bytes:
    indent(made, " ")
    written: bytes = tostring(made, "utf-8", xml_declaration=True)
    return written + b"\n"
