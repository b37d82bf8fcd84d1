"""Two decisions keep an institution on one list: every page, paper and file tells both, and the later end."""

import csv
import io
from datetime import date
from pathlib import Path

from msgspec import structs

from publisher.data import render_csv
from publisher.edition import Edition, Entry
from publisher.pages.render import render_pages
from publisher.pages.sheet import sheet
from publisher.print.rows import row_of
from publisher.shown import as_one
from publisher.site.english import reading
from scoring.assess import listings_on
from scoring.canonical import canonical
from tests.publisher.test_plates import BLACK, ON, POLICY, entry, white
from tests.publisher.test_release import edition

LATER = structs.replace(
    BLACK,
    id="MD2",
    reason="恶意停业。",
    document_no="甬教信〔2026〕9号",
    decided_on=date(2026, 9, 1),
    effective_on=date(2026, 9, 8),
    until=date(2028, 9, 8),
    disputed=True,
)
OVER = structs.replace(BLACK, id="MD0", until=date(2026, 7, 1), document_no="甬教信〔2026〕0号")
ENDED = structs.replace(BLACK, id="MD3", ended_on=date(2026, 8, 1), document_no="甬教信〔2026〕3号")


def twice() -> Entry:
    return entry(white(listings=(LATER, OVER, BLACK, ENDED)))


def listed() -> Edition:
    """A small edition of which the first entry is on the black list by two decisions."""
    whole = edition()
    lines = (canonical(twice()), *whole.lines[1:])
    return structs.replace(whole, lines=lines)


def test_of_several_decisions_those_in_force_are_read_as_one() -> None:
    found = listings_on((LATER, OVER, BLACK, ENDED), "black", ON)
    assert [one.id for one in found] == ["MD1", "MD2"]
    one = as_one(found)
    assert one is not None
    assert (one.effective_on, one.until, one.disputed) == (BLACK.effective_on, LATER.until, True)
    assert (one.reason, one.organ) == ("无证办学；恶意停业", BLACK.organ)
    assert as_one(()) is None
    assert as_one((BLACK,)) is BLACK


def test_the_page_says_the_later_end_and_shows_each_decision() -> None:
    one = twice()
    told = sheet(one, POLICY, {}, ON)
    assert told.plate.date == "2026年6月8日"
    assert told.plate.after.startswith("起列入，至 2028年9月8日。原因：无证办学；恶意停业。")
    assert [line.statement for line in told.listings] == ["无证办学", "恶意停业。"]
    assert [line.disputed for line in told.listings] == [False, True]
    assert told.objections == (("", "列入黑名单的决定"),)
    english = reading(one, told, ON).sentence
    assert english.startswith("Listed from 8 June 2026 until 8 September 2028, by 2 decisions")


def test_the_lists_on_paper_on_the_page_and_as_data_agree(tmp_path: Path) -> None:
    whole = listed()
    printed = row_of(twice(), "black", ON)
    papers = "甬教信〔2026〕1号；甬教信〔2026〕9号"
    assert (printed.since, printed.until) == (BLACK.effective_on, LATER.until)
    assert (printed.document_no, printed.ground) == (papers, "无证办学；恶意停业。")
    render_csv(whole, tmp_path)
    text = (tmp_path / "list.csv").read_text("utf-8-sig")
    [own] = [one for one in csv.DictReader(io.StringIO(text)) if one["机构编号"] == printed.number]
    assert (own["列入日期"], own["列入至"]) == ("2026-06-08", "2028-09-08")
    assert own["决定文号"] == papers
    render_pages(whole, tmp_path)
    page = (tmp_path / "lists/black.html").read_text("utf-8")
    assert "2028-09-08" in page
    assert "甬教信〔2026〕9号" in page
