"""The pages of one institution: its status, the same read in English, a frame and a badge for its own site."""

import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from msgspec import Struct

from publisher.edition import Entry
from publisher.pages import render
from publisher.pages.gone import gone_plate, gone_word, notices, removals_of
from publisher.pages.sheet import sheet
from publisher.pages.words import TAGS, level_words, stood
from publisher.print.lines import phrases
from publisher.removals import Removal
from publisher.site.english import english_day, gone_reading, reading, removed_reading
from publisher.site.news import corrected
from publisher.site.pages import page_of
from publisher.site.store import OpenEdition, Store
from publisher.streets import street_of
from scoring.words import chinese

# So long a removal is told of, and so long is a mistake that was put right.
LATELY = timedelta(days=366)
_HISTORIES = render.Histories()


class Mistake(Struct, frozen=True, kw_only=True):
    """What an earlier edition said of an institution, what it should have said, and which edition says so."""

    edition: str
    before: str
    after: str
    reason: str
    document_no: str
    by: str
    here: bool


class Kin(Struct, frozen=True, kw_only=True):
    """An institution that came before or after: its number, its name if the edition knows it.

    `same` is the institution of which this is a second registration.
    """

    word: str
    id: str
    name: str
    note: str
    same: bool = False


def institution(store: Store, edition: OpenEdition, id: str, values: dict[str, Any]) -> str | None:
    """One institution's page, or None.

    `as_of` among the values is a day of the past that was asked for, `today` the day on which alerts run.
    """
    current, said_day = store.current(), values.get("as_of", "")
    is_past = bool(said_day) and edition is not current
    values = values | {
        "past_day": chinese(date.fromisoformat(said_day)) if is_past else "",
        "current_label": current.manifest.label,
    }
    entry = edition.entry(id)
    if entry is None:
        removal = edition.withdrawn(id)
        return None if removal is None else _withdrawn(edition, removal, values)
    past = store.past(id, edition)
    today: date | None = values.get("today")
    first = store.manifest(store.names()[-1])[0].released_on
    shown = {"as_of": "", "today": "", **values, "first_day": first.isoformat()}
    place, on = edition.places, edition.manifest.cut_off
    return page_of(
        "institution.html",
        edition,
        shown,
        here="search",
        entry=entry,
        sheet=sheet(entry, edition.policy, place, on, today if edition is current else None),
        removed=notices(edition.removals, id),
        mistakes=list(_mistakes(store, edition, id)),
        cut_off_words=chinese(on),
        kin=list(_kin(edition, entry)),
        street=street_of(entry.addresses[0])[0] if entry.addresses else "",
        past=past,
        unrated=edition.policy.unrated,
        history=_HISTORIES.of(past, edition.policy),
    )


def _mistakes(store: Store, edition: OpenEdition, id: str) -> Iterator[Mistake]:
    """What was corrected of an institution: of a past edition what that one said, and now what was of late."""
    unrated, is_now = edition.policy.unrated, edition is store.current()
    for by, one in corrected(store, id):
        is_late = edition.manifest.released_on - store.manifest(by)[0].released_on <= LATELY
        for was in one.editions:
            if was.edition == edition.name or (is_now and is_late):
                yield Mistake(
                    edition=was.edition,
                    before=stood(was.before, unrated) or "没有它",
                    after=stood(was.after, unrated) or "没有它",
                    reason=one.reason.rstrip("。"),
                    document_no=one.document_no,
                    by=by,
                    here=was.edition == edition.name,
                )


def _withdrawn(edition: OpenEdition, removal: Removal, values: dict[str, Any]) -> str:
    return _gone_page("gone.html", edition, removal, values, plate=gone_plate(removal))


def _gone_page(
    template: str, edition: OpenEdition, removal: Removal, values: dict[str, Any], **more: Any
) -> str:
    """The page of an institution whose entry was withdrawn: it is known, and that is all that is said."""
    place = edition.places.get(removal.jurisdiction)
    return page_of(
        template,
        edition,
        values,
        here="search",
        removal=removal,
        parts=phrases(removal.name),
        place=place.name if place else "",
        **more,
    )


def _kin(edition: OpenEdition, entry: Entry) -> Iterator[Kin]:
    """Who came before and after; what one did does not go over to the other by itself."""
    if entry.predecessor:
        name = edition.name_of(entry.predecessor)
        note = "前身的记录写在它自己的页上。"
        yield Kin(word="前身", id=entry.predecessor, name=name, note=note)
    if entry.successor:
        name = edition.name_of(entry.successor)
        word, note, same = "已由后继机构承接", "本页写的是它的前身，新机构有自己的状态。", False
        if entry.merged is True:
            word, note, same = "已并入", "两个编号是同一家机构，记录和状态写在那一页上。", True
        yield Kin(word=word, id=entry.successor, name=name, note=note, same=same)


def english(store: Store, edition: OpenEdition, id: str, values: dict[str, Any]) -> str | None:
    """The same page read in English, or None."""
    entry, is_now = edition.entry(id), edition is store.current()
    said_day = values.get("as_of", "")
    past_day = "" if is_now or not said_day else english_day(date.fromisoformat(said_day))
    values = values | {"past_day": past_day}
    if entry is None:
        removal = edition.withdrawn(id)
        return None if removal is None else _withdrawn_in_english(edition, removal, values)
    on = edition.manifest.cut_off
    shown = sheet(
        entry, edition.policy, edition.places, on, values.get("today") if is_now else None
    )
    return page_of(
        "english.html",
        edition,
        values,
        here="search",
        entry=entry,
        sheet=shown,
        finding=False,
        chinese_page=f"{values['up']}i/{id}/",
        read=reading(entry, shown, on),
        removed=[removed_reading(one) for one in removals_of(edition.removals, id)],
        mistakes=list(_mistakes(store, edition, id)),
        kin=list(_kin(edition, entry)),
    )


def _withdrawn_in_english(edition: OpenEdition, removal: Removal, values: dict[str, Any]) -> str:
    own = f"{values['up']}i/{removal.institution}/"
    said = gone_reading(removal)
    return _gone_page(
        "english_gone.html", edition, removal, values, finding=False, chinese_page=own, **said
    )


def widget(edition: OpenEdition, id: str, values: dict[str, Any]) -> str | None:
    """A frame that shows the status on another site, or None; it loads nothing from elsewhere.

    Of whoever's entry was withdrawn it says that, for the frame stands there still.
    """
    entry, removal = edition.entry(id), edition.withdrawn(id)
    if entry is not None:
        on = edition.manifest.cut_off
        shown = sheet(entry, edition.policy, edition.places, on, values.get("today"))
        name, made, alerts, disputed = shown.name, shown.plate, shown.alerts, shown.disputed
    elif removal is not None:
        name, made, alerts, disputed = removal.name, gone_plate(removal), (), False
    else:
        return None
    more = {"id": id, "name": name, "plate": made, "alerts": alerts, "disputed": disputed}
    return page_of("widget.html", edition, {**values, **more})


def badge(edition: OpenEdition, id: str, today: date | None = None) -> str | None:
    """A picture of the status for another site, with its date, or None; of a withdrawn entry it says that.

    A risk alert that runs by `today` stands in the place of the grade, and an objection beside the date.
    """
    manifest, entry = edition.manifest, edition.entry(id)
    if entry is not None:
        shown = sheet(entry, edition.policy, edition.places, manifest.cut_off, today)
        key, dated, grade = shown.plate.key, f"数据截至 {manifest.cut_off}", shown.plate.grade
        word, said = TAGS[key], shown.plate.word
        beside = level_words(grade) if grade else ""
        if any(not one.over for one in shown.alerts):
            beside, said = "有风险提示", f"{said}，有风险提示"
        if shown.disputed:
            dated = f"{dated}　异议中"
    elif removal := edition.withdrawn(id):
        key, beside, dated = "gone", "", f"{removal.on}"
        word = said = gone_word(removal)
    else:
        return None
    return render.page(
        "badge.svg",
        key=key,
        word=f"{word}　{beside}".rstrip(),
        said=f"{said}，{dated}，{manifest.organ}",
        dated=dated,
        organ=manifest.organ,
        id=id,
    )


def code_of(address: str) -> bytes:
    """The QR code of an address as a picture."""
    import segno

    out = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        out, kind="svg", border=2, scale=4, xmldecl=False
    )
    return out.getvalue()
