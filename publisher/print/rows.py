"""The rows of the lists: values, their columns, and how an edition's entries become rows."""

from datetime import date
from typing import Literal

from msgspec import Struct, structs

from publisher.edition import Edition, Entry
from publisher.print.lines import legible
from publisher.print.plan import Cell, Column
from publisher.shown import as_one
from scoring.assess import listings_on
from scoring.conditions import in_term, insured

ListName = Literal["white", "watch", "black"]
WORDS: dict[ListName, str] = {"white": "白名单", "watch": "重点关注名单", "black": "黑名单"}
COLUMNS: dict[ListName, tuple[Column, ...]] = {
    "white": (
        Column(title="序号", width=10, align="right", cut="none"),
        Column(title="机构编号", width=23, face="mono", cut="none"),
        Column(title="机构名称", width=64, face="bold", cut="name", heads_row=True),
        Column(title="统一社会信用代码", width=39, face="mono", cut="none"),
        Column(title="办学地址", width=59),
        Column(title="类别", width=21),
        Column(title="等级", width=11, align="center", cut="none"),
        Column(title="许可证至", width=19, cut="none"),
        Column(title="保险至", width=19, cut="none"),
    ),
    "watch": (
        Column(title="序号", width=10, align="right", cut="none"),
        Column(title="机构编号", width=22, face="mono", cut="none"),
        Column(title="机构名称", width=49, face="bold", cut="name", heads_row=True),
        Column(title="统一社会信用代码", width=37, face="mono", cut="none"),
        Column(title="办学地址", width=35),
        Column(title="原因和依据", width=38),
        Column(title="列入决定和机关", width=37),
        Column(title="列入日期", width=18.5, cut="none"),
        Column(title="期满日期", width=18.5, cut="none"),
    ),
    "black": (
        Column(title="序号", width=10, align="right", cut="none"),
        Column(title="机构编号", width=22, face="mono", cut="none"),
        Column(title="机构名称", width=50, face="bold", cut="name", heads_row=True),
        Column(title="统一社会信用代码", width=37, face="mono", cut="none"),
        Column(title="法定代表人", width=21),
        Column(title="原因和依据", width=51),
        Column(title="列入决定和机关", width=37),
        Column(title="列入日期", width=18.5, cut="none"),
        Column(title="期满日期", width=18.5, cut="none"),
    ),
}


class Row(Struct, frozen=True, kw_only=True):
    """One institution on a list; `number` is its number in the register."""

    number: str
    name: str
    code: str = ""
    address: str = ""
    kind: str = ""
    grade: str = ""
    status: str = ""
    licensed_until: str = ""
    insured_until: str = ""
    representative: str = ""
    ground: str = ""
    article: str = ""
    document_no: str = ""
    organ: str = ""
    since: date | None = None
    until: date | None = None
    disputed: bool = False


class Section(Struct, frozen=True, kw_only=True):
    """A district or zone and its rows."""

    heading: str
    rows: tuple[Row, ...]


def cells(row: Row, ordinal: int, list_name: ListName) -> tuple[Cell, ...]:
    """A row's cells in the order of its list's columns, each as paragraphs of legible text."""
    first = (str(ordinal), row.number, row.name, row.code)
    if list_name == "white":
        rest: tuple[tuple[str, ...], ...] = (
            (row.address,),
            (row.kind,),
            (row.grade,),
            (row.licensed_until,),
            (row.insured_until,),
        )
    else:
        # Whoever represents it today, who need not have been there when the decision was taken.
        representative = (row.representative, "现任") if row.representative else ("",)
        rest = (
            representative if list_name == "black" else (row.address,),
            (row.ground, row.article),
            (*row.document_no.split("；"), row.organ, "（异议处理中）" if row.disputed else ""),
            (row.since.isoformat() if row.since else "",),
            (row.until.isoformat() if row.until else "",),
        )
    return tuple(_seen(one) for one in (*((one,) for one in first), *rest))


def _seen(paragraphs: tuple[str, ...]) -> Cell:
    return tuple(seen for one in paragraphs if (seen := legible(one))) or ("—",)


def sections(edition: Edition, list_name: ListName) -> list[Section]:
    """The list by jurisdiction, in the order of the manifest, empty ones too, none left out."""
    known = {one.id: one.name for one in edition.manifest.jurisdictions}
    found: dict[str, list[Row]] = {one: [] for one in known}
    for entry in edition.entries_on(list_name):
        rows = found.setdefault(entry.jurisdiction, [])
        rows.append(row_of(entry, list_name, edition.manifest.cut_off))
    return [
        Section(heading=known.get(id) or f"区域 {id}", rows=tuple(rows))
        for id, rows in found.items()
    ]


def row_of(entry: Entry, list_name: ListName, on: date) -> Row:
    """An entry as a row; off the white list with the grounds of every decision in force on the day."""
    facts = entry.facts
    row = Row(
        number=entry.institution,
        name=entry.name,
        code=entry.code,
        address="；".join(entry.addresses),
        kind=facts.subject or facts.kind,
        grade=entry.rating.grade,
        status=entry.rating.status,
    )
    if list_name == "white":
        licensed, insured = _licensed(entry, on), _insured(entry, on)
        return structs.replace(row, licensed_until=licensed, insured_until=insured)
    listing = as_one(listings_on(facts.listings, list_name, on))
    row = structs.replace(row, representative=entry.legal_representative)
    if listing is None:
        return row
    return structs.replace(
        row,
        ground=f"{listing.reason.rstrip('。')}。",
        article=listing.article,
        document_no=listing.document_no,
        organ=listing.organ,
        since=listing.effective_on,
        until=listing.until,
        disputed=listing.disputed,
    )


def _licensed(entry: Entry, on: date) -> str:
    """The last day of the licence in force; empty where nobody has said it."""
    ends = [one.until for one in in_term(entry.facts.licences, on)]
    if date.max in ends:
        return "长期"
    return "" if None in ends else max((one.isoformat() for one in ends if one), default="")


def _insured(entry: Entry, on: date) -> str:
    """The first day on which a class of insurance held today runs out."""
    ends: dict[str, date] = {}
    for one in entry.facts.covers:
        if insured(one, on):
            ends[one.cover_class] = max(one.until, ends.get(one.cover_class, one.until))
    return min(ends.values()).isoformat() if ends else ""
