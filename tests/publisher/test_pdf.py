"""Papers read in order, carry tags and their fonts, and are the same bytes wherever they are made."""

import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from msgspec import structs

from publisher.pdf import Paper, edition_pdfs, print_paper, printers
from publisher.print.fonts import RARE
from publisher.print.rows import WORDS, ListName, Row, Section
from tests.publisher.test_release import edition

NAMES = [f"宁波市海曙区{one}翰文化艺术培训学校有限责任公司{i}部" for i, one in enumerate(RARE * 6)]
HOSTILE = (
    '<img src="file:///etc/passwd">',
    "مركز تعليم 宁波",
    "零\u200b宽\u202e反向\u0007控制",
    "表情😀培训",
    "e\u0301\u0301\u0301\u0301\u0301叠加",
    "长" * 3000,
)


def paper(names: list[str], list_name: ListName = "white") -> Paper:
    rows = tuple(
        Row(number=f"NB-{i:04d}-X", name=name, code="91330203MA0000001X", address="石碶街道1号")
        for i, name in enumerate(names)
    )
    half = len(rows) // 2
    return Paper(
        title="宁波市白名单",
        list_name=list_name,
        organ="宁波市教育局",
        edition_label="2026年11月版",
        digest="7f3a91c2" * 8,
        cut_off=date(2026, 10, 31),
        released_on=date(2026, 11, 4),
        fictional=True,
        sections=(
            Section(heading="海曙区", rows=rows[:half]),
            Section(heading="鄞州区", rows=rows[half:]),
        ),
    )


# Two that the papers' own fonts leave out, and that the machine's have.
BEYOND = ["宁波市鄞州区碁燚文化艺术培训学校", "宁波市海曙区垚鑫篮球培训有限公司"]


def told(*words: object) -> str:
    done = subprocess.run([str(one) for one in words], capture_output=True, text=True, check=True)
    return done.stdout


def text_of(path: Path, *options: str) -> str:
    return re.sub(r"\s+", "", told("pdftotext", *options, path, "-"))


@pytest.mark.parametrize("names", [NAMES, [*NAMES, *BEYOND]], ids=["cut fonts", "whole fonts"])
@pytest.mark.parametrize("list_name", ["white", "watch", "black"])
def test_every_name_stands_in_order_and_the_careful_way_says_the_same(
    tmp_path: Path, list_name: ListName, names: list[str]
) -> None:
    fast, careful = tmp_path / "fast.pdf", tmp_path / "careful.pdf"
    print_paper(fast, paper(names, list_name))
    print_paper(careful, paper(names, list_name), plain=True)
    text = text_of(fast, "-raw")
    places = [text.find(name) for name in names]
    assert -1 not in places
    assert places == sorted(places)
    assert text_of(fast, "-layout") == text_of(careful, "-layout")


def test_a_paper_has_tags_outline_title_page_numbers_and_its_fonts_inside(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    print_paper(path, paper(NAMES))
    about = told("pdfinfo", path)
    assert re.search(r"Tagged:\s+yes", about)
    assert "宁波市白名单" in about
    tags = told("pdfinfo", "-struct-text", path)
    assert [tags.count(f"{one}") > 0 for one in ("H1", "H2", "Table", "TH", "TD")] == [True] * 5
    assert tags.count("Figure") == 1  # the stamp alone
    fonts = [line.split() for line in told("pdffonts", path).splitlines()[2:]]
    assert fonts
    assert all("yes" in line[-5:-2] for line in fonts)
    pages = int(re.search(r"Pages:\s+(\d+)", about)[1])  # type: ignore[index]
    assert f"第{pages}页，共{pages}页" in text_of(path)
    outline = told("qpdf", "--json", "--json-key=outlines", path)
    assert outline.index("海曙区") < outline.index("鄞州区")
    told("qpdf", "--check", path)


def test_hostile_names_are_printed_as_text_and_nothing_is_fetched(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    print_paper(path, paper([*NAMES[:4], *HOSTILE, *NAMES[4:]]))
    text = text_of(path, "-raw")
    assert '<imgsrc="file:///etc/passwd">' in text
    assert "root:" not in text
    assert "\u202e" not in text
    assert all(name in text for name in NAMES)


def test_the_first_paper_of_a_process_may_hold_a_character_that_no_font_draws(
    tmp_path: Path,
) -> None:
    path = tmp_path / "one.pdf"
    with printers(1) as fresh:
        fresh.submit(print_paper, path, paper([HOSTILE[3], *NAMES])).result()
    text = text_of(path, "-raw")
    assert all(name in text for name in NAMES)


LONG_PLACES = (
    *("临翔区", "凤庆县", "云县", "永德县", "镇康县", "耿马傣族佤族自治县", "沧源佤族自治县"),
    "双江拉祜族佤族布朗族傣族自治县",
)


def test_long_districts_wrap_on_the_title_page_and_short_ones_stay_whole(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    rows = paper(NAMES).sections[0].rows
    places = tuple(Section(heading=one, rows=rows) for one in LONG_PLACES)
    print_paper(path, structs.replace(paper([]), sections=places))
    words = told("pdftotext", "-f", "1", "-l", "1", "-layout", path, "-").split()
    assert set(LONG_PLACES[:7]) <= set(words)
    assert words.count("家数") == 2
    title = f"临沧市民办学校和校外培训机构白名单（{LONG_PLACES[-1]}）"
    print_paper(path, structs.replace(paper(NAMES), title=title))
    first, second = title.split("（")
    lines = told("pdftotext", "-f", "1", "-l", "1", "-layout", path, "-").split()
    assert {first, f"（{second}"} <= set(lines)


@pytest.mark.parametrize("list_name", ["white", "watch", "black"])
def test_an_empty_list_says_so_on_one_page(tmp_path: Path, list_name: ListName) -> None:
    path = tmp_path / "one.pdf"
    print_paper(path, paper([], list_name))
    assert f"本期没有列入{WORDS[list_name]}的机构" in text_of(path)
    assert re.search(r"Pages:\s+1\n", told("pdfinfo", path))


def test_a_heading_near_the_foot_of_a_page_has_two_rows_below_it(tmp_path: Path) -> None:
    path = tmp_path / "one.pdf"
    for many in range(20, 60, 3):
        whole = paper(NAMES[:many], "black")
        print_paper(path, whole)
        pages = [re.sub(r"\s+", "", one) for one in told("pdftotext", path, "-").split("\f")]
        names = [row.name for row in whole.sections[1].rows]
        (first,) = (one for one in pages if f"鄞州区{len(names)}家" in one)
        assert all(name in first for name in names[:2])


def test_the_bytes_depend_on_the_edition_alone(tmp_path: Path) -> None:
    made = []
    for seed in ("1", "2"):
        folder = tmp_path / seed
        folder.mkdir()
        words = (
            "import sys; from pathlib import Path\n"
            "from tests.publisher.test_pdf import NAMES, paper\n"
            "from publisher.pdf import print_paper\n"
            "print_paper(Path(sys.argv[1]), paper(NAMES))"
        )
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."}
        subprocess.run([sys.executable, "-c", words, folder / "one.pdf"], env=env, check=True)
        made.append((folder / "one.pdf").read_bytes())
    assert made[0] == made[1]


def test_an_edition_has_both_lists_whole_and_for_each_jurisdiction(tmp_path: Path) -> None:
    from publisher.edition import Jurisdiction

    one = edition()
    places = tuple(
        Jurisdiction(id=id, name=f"区{id}", organ="局")
        for id in sorted({entry.jurisdiction for entry in one.entries})[:2]
    )
    manifest = structs.replace(one.manifest, jurisdictions=places)
    paths = edition_pdfs(structs.replace(one, manifest=manifest), tmp_path, processes=1)
    names = {path.relative_to(tmp_path).as_posix() for path in paths}
    assert names == {
        "white.pdf",
        "watch.pdf",
        "black.pdf",
        *(f"pdf/{name}-{place.id}.pdf" for name in ("white", "watch", "black") for place in places),
    }
    for entry in one.entries:
        if entry.rating.status in ("white", "black"):
            assert entry.name in text_of(tmp_path / f"{entry.rating.status}.pdf", "-raw")
