"""Edition → Atom (RFC 4287): what changed and why, for the whole city and for each district.

Each edition's feed is an archive document of RFC 5005 that names the one before it, so that whoever missed
a month reads back without a gap.
"""

import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import msgspec

from publisher.changes import Change, changes_of
from publisher.data import WORDS
from publisher.edition import Edition, Manifest, folder_of
from publisher.notices import Notice, changed_on, notices

ATOM = "http://www.w3.org/2005/Atom"
HISTORY = "http://purl.org/syndication/history/1.0"
KINDS = {"added": "新列示", "removed": "不再列示", "changed": "变化", "withdrawn": "撤回"}
# XML 1.0 has no place for these, escaped or not.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_feed(edition: Edition, folder: Path) -> None:
    """Writes `feed.atom`, and `feed/<jurisdiction>.atom` for each jurisdiction."""
    last = folder_of(folder.parent, edition.manifest.previous)
    changed = changes_of(edition, folder.parent) if last else ()
    older = last.name if last else ""
    told = tuple(notices(edition, _released_on(last)))
    title = f"{edition.manifest.title}的变化"
    _write(folder / "feed.atom", _feed(edition, title, changed, told, "", older))
    (folder / "feed").mkdir(exist_ok=True)
    for place in edition.manifest.jurisdictions:
        own = [one for one in changed if one.jurisdiction == place.id]
        named = _feed(edition, f"{title}：{place.name}", own, told, place.id, older)
        _write(folder / "feed" / f"{place.id}.atom", named)


def _released_on(folder: Path | None) -> date:
    """When the edition before came out; without one nothing is new."""
    if folder is None:
        return date.max
    raw = (folder / "edition.json").read_bytes()
    return msgspec.json.decode(raw, type=Manifest).released_on


def _feed(
    edition: Edition,
    title: str,
    changed: Iterable[Change],
    told: Iterable[Notice],
    place: str,
    older: str,
) -> Element:
    manifest = edition.manifest
    up = "../" if place else ""
    file = f"feed/{place}.atom" if place else "feed.atom"
    # Prefixes are written out: ElementTree's own are one table that any library may change.
    feed = Element("feed", {"xmlns": ATOM, "xmlns:fh": HISTORY, "xml:lang": "zh-Hans"})
    _text(feed, "id", _id(edition.digest, place))
    _text(feed, "title", title)
    _text(feed, "subtitle", f"{manifest.label}，校验码 {edition.digest}")
    _text(feed, "updated", _instant(_updated(edition)))
    _text(SubElement(feed, "author"), "name", manifest.organ)
    _link(feed, "alternate", f"{up}index.html", "text/html")
    _link(feed, "self", f"{up}{file}", "application/atom+xml")
    SubElement(feed, "fh:archive")
    if older:
        _link(feed, "prev-archive", f"{up}../{older}/{file}", "application/atom+xml")
    release = SubElement(feed, "entry")
    _text(release, "id", _id(edition.digest, place, "edition"))
    _text(release, "title", f"{manifest.label}已发布")
    _text(release, "updated", _instant(manifest.released_on))
    _link(release, "alternate", f"{up}index.html", "text/html")
    counts = "，".join(f"{WORDS[key]} {many:,} 家" for key, many in manifest.counts.items())
    _text(release, "content", f"截至 {manifest.cut_off} 24 时，全市{counts}。", type="text")
    for notice in told:
        if place in ("", notice.jurisdiction):
            _notice(feed, edition, notice, up)
    for one in changed:
        _entry(feed, edition, one, up)
    return feed


def _notice(feed: Element, edition: Edition, one: Notice, up: str) -> None:
    """An entry of its own: whoever read a mistake here reads its mending here."""
    entry = SubElement(feed, "entry")
    _text(entry, "id", _id(edition.digest, one.institution, one.term, one.on.isoformat()))
    _text(entry, "title", one.title)
    _text(entry, "updated", _instant(one.on))
    SubElement(entry, "category", {"term": one.term, "label": one.label})
    _link(entry, "alternate", f"{up}index.html#{one.place}", "text/html")
    _text(entry, "content", one.content, type="text")


def _entry(feed: Element, edition: Edition, one: Change, up: str) -> None:
    entry = SubElement(feed, "entry")
    moved = " → ".join(filter(None, (said(one.before), said(one.after))))
    _text(entry, "id", _id(edition.digest, one.institution))
    _text(entry, "title", f"{one.name}：{moved}")
    _text(entry, "updated", _instant(changed_on(edition, one.institution)))
    SubElement(entry, "category", {"term": one.kind, "label": KINDS[one.kind]})
    _link(entry, "alternate", f"{up}../../i/{one.institution}/", "text/html")
    _text(entry, "content", f"{moved}。{one.why}", type="text")


def said(standing: str) -> str:
    """`white A` → 白名单 A 级."""
    status, _, grade = standing.partition(" ")
    if status == "new" or not grade:
        return WORDS.get(status, "")
    return f"{WORDS[status]} {grade} 级"


def _id(*parts: str) -> str:
    """A name that is the same whenever the edition is rendered again, and no other's."""
    return uuid5(NAMESPACE_URL, "urn:xinyong:" + ":".join(parts)).urn


def _updated(edition: Edition) -> date:
    """When the feed last changed: at the release, or by a withdrawal after it."""
    days = (one.on for one in edition.withdrawn.values())
    return max([edition.manifest.released_on, *days])


def _instant(on: date) -> str:
    """The day of release; Atom wants an instant, and an edition knows its day only."""
    return f"{on}T00:00:00Z"


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, name, attributes).text = _FORBIDDEN.sub("\ufffd", text)


def _link(parent: Element, rel: str, href: str, media: str) -> None:
    SubElement(parent, "link", {"rel": rel, "href": href, "type": media})


def _write(path: Path, feed: Element) -> None:
    indent(feed, " ")
    path.write_bytes(tostring(feed, "utf-8", xml_declaration=True) + b"\n")
