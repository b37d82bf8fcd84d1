"""Edition → CSV and JSON, each naming the edition and its digest; same edition, same bytes."""

import csv
import io
from datetime import date
from pathlib import Path

from msgspec import Struct

from publisher.edition import Edition
from publisher.listed import Listed
from publisher.pages.words import grade_word
from publisher.shown import as_one
from scoring.canonical import canonical
from scoring.policy import Unrated
from scoring.words import score_words

COLUMNS = {
    "institution": "机构编号",
    "name": "机构名称",
    "code": "统一社会信用代码",
    "jurisdiction": "所属区域",
    "address": "办学地址",
    "status": "名单",
    "grade": "信用等级",
    "score": "分数",
    "since": "列入日期",
    "until": "列入至",
    "document_no": "决定文号",
    "reason": "原因",
    "telephone": "公开电话",
}
# A CSV has no head to say it in: every line says which edition it is of.
OF_EDITION = {"edition": "版次", "digest": "版次校验码"}
WORDS = {
    "white": "白名单",
    "watch": "重点关注名单",
    "black": "黑名单",
    "none": "未列入任何名单",
    "new": "新设机构，尚未评定",
}
FORMULA = tuple("=+-@＝＋－＠\t\r\n")


class PublishedList(Struct, frozen=True, kw_only=True):
    """What `list.json` holds."""

    edition: str
    digest: str
    institutions: tuple[dict[str, str], ...]


def render_csv(edition: Edition, folder: Path) -> None:
    """Writes `list.csv`: UTF-8 with a mark for spreadsheets, no cell a spreadsheet would calculate."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*COLUMNS.values(), *OF_EDITION.values()])
    on, of = edition.manifest.cut_off, (edition.name, edition.digest)
    for one in edition.listed:
        writer.writerow([*map(harmless, row(one, on, edition.unrated).values()), *of])
    (folder / "list.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())


def render_json(edition: Edition, folder: Path) -> None:
    """Writes `list.json`: canonical, with the edition's name and digest."""
    on = edition.manifest.cut_off
    rows = tuple(row(one, on, edition.unrated) for one in edition.listed)
    whole = PublishedList(edition=edition.name, digest=edition.digest, institutions=rows)
    (folder / "list.json").write_bytes(canonical(whole))


def row(one: Listed, on: date, unrated: Unrated) -> dict[str, str]:
    """One line of a list of a day by its column names; a column that does not apply is empty."""
    rating, listing = one.rating, as_one(one.listings_on(on))
    return {
        "institution": one.institution,
        "name": one.name,
        "code": one.code,
        "jurisdiction": one.jurisdiction,
        "address": "；".join(one.addresses),
        "status": WORDS[rating.status],
        "grade": grade_word(one.grade, unrated),
        "score": score_words(rating),
        "since": listing.effective_on.isoformat() if listing else "",
        "until": listing.until.isoformat() if listing else "",
        "document_no": listing.document_no if listing else "",
        "reason": listing.reason if listing else one.why if rating.status == "none" else "",
        "telephone": "；".join(one.telephones),
    }


def harmless(cell: str) -> str:
    """The cell, behind an apostrophe where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.lstrip(" \u3000").startswith(FORMULA) else cell
