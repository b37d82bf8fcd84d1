"""What a check proves, and what it says it could not: wording, withdrawn lines, what was proven before, the chain."""

import shutil
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
import rfc8785
from msgspec import structs

from publisher.edition import Edition, Entry, Tombstone, folder_of, leaf, read_edition, root
from publisher.release import release
from publisher.removals import removals_file
from publisher.signing import create_key, sign
from publisher.verify import OTHER_PROGRAM, Verdict, verify
from scoring.canonical import canonical
from tests.publisher.test_release import edition, with_entries

PERIODS = ("2026-10", "2026-11", "2026-12")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys")
    return tmp_path


def issued(home: Path, one: Edition) -> Path:
    return release(one, home / "editions", home / "keys")


def checked(home: Path, name: str, settled: frozenset[bytes] = frozenset()) -> Verdict:
    return verify(home / "editions" / name, home / "keys/bureau.pub", settled)


def reworded(entry: Entry) -> Entry:
    conditions = tuple(structs.replace(one, sentence="另一句。") for one in entry.rating.conditions)
    return structs.replace(entry, rating=structs.replace(entry.rating, conditions=conditions))


def by_another_program(one: Edition) -> Edition:
    return structs.replace(one, manifest=structs.replace(one.manifest, program="0" * 64))


def test_other_words_for_the_same_rating_are_no_fault_of_another_program(home: Path) -> None:
    honest = edition()
    other = with_entries(honest, tuple(map(reworded, honest.entries)))
    issued(home, by_another_program(other))
    verdict = checked(home, "2026-10")
    assert verdict.problems == ()
    assert verdict.notes == (OTHER_PROGRAM,)


def test_other_words_under_the_name_of_this_program_are_told(home: Path) -> None:
    honest = edition()
    first, *others = honest.entries
    rewritten(home, with_entries(honest, (reworded(first), *others)))
    (problem,) = checked(home, "2026-10").problems
    assert first.institution in problem
    assert "说明文字" in problem


def test_another_program_may_not_change_a_number(home: Path) -> None:
    honest = edition()
    first, *others = honest.entries
    better = structs.replace(first, rating=structs.replace(first.rating, grade="A+"))
    rewritten(home, by_another_program(with_entries(honest, (better, *others))))
    (problem,) = checked(home, "2026-10").problems
    assert "不能由公布的事实和办法推出" in problem


def rewritten(home: Path, one: Edition) -> Path:
    """An edition as only the holder of the key could forge it, or amend it."""
    folder = home / "editions" / one.name
    if not folder.exists():
        issued(home, edition(one.manifest.period, one.manifest.previous))
    (folder / "edition.json").write_bytes(canonical(one.manifest))
    (folder / "entries.jsonl").write_bytes(b"".join(line + b"\n" for line in one.lines))
    told = removals_file(one.name, one.digest, one.removals)
    (folder / "removals.json").write_bytes(told)
    listed = {
        name: sha256((folder / name).read_bytes()).hexdigest()
        for name in ("entries.jsonl", "policy.toml", "removals.json")
    }
    (folder / "renderings.json").write_bytes(rfc8785.dumps(dict(listed)))
    for name in ("edition.json", "renderings.json"):
        signature = sign((folder / name).read_bytes(), home / "keys/bureau.key")
        (folder / f"{name}.sig").write_bytes(signature)
    return folder


def buried(one: Edition, at: int) -> Edition:
    grave = Tombstone(
        hash=leaf(one.lines[at]).hex(), on=date(2026, 11, 20), reason="处罚决定已撤销"
    )
    lines = (*one.lines[:at], canonical(grave), *one.lines[at + 1 :])
    return structs.replace(one, lines=lines)


def test_a_withdrawn_line_leaves_the_edition_whole_and_is_counted(home: Path) -> None:
    honest = edition()
    folder = rewritten(home, buried(honest, 3))
    verdict = checked(home, "2026-10")
    assert verdict.problems == ()
    assert (verdict.entries, verdict.withdrawn) == (60, 1)
    read = read_edition(folder)
    assert read.digest == honest.digest
    assert [one.institution for one in read.entries] == [
        one.institution for one in (*honest.entries[:3], *honest.entries[4:])
    ]


def test_a_tombstone_of_another_line_is_no_withdrawal(home: Path) -> None:
    honest = edition()
    lines = list(buried(honest, 3).lines)
    lines[4] = lines[3]
    rewritten(home, structs.replace(honest, lines=tuple(lines)))
    assert any("根校验码不符" in one for one in checked(home, "2026-10").problems)
    rewritten(home, with_entries(honest, honest.entries[1:]))
    assert any("家数" in one for one in checked(home, "2026-10").problems)


def test_what_was_proven_before_is_proven_again_only_when_it_has_fallen_due(home: Path) -> None:
    honest = edition()
    due = honest.manifest.cut_off
    first, second, *others = honest.entries
    better = [
        structs.replace(one, rating=structs.replace(one.rating, grade="A+", changes_on=turn))
        for one, turn in ((first, due), (second, due + timedelta(days=1)))
    ]
    forged = with_entries(honest, (*better, *others))
    rewritten(home, forged)
    named = [one.split(" ")[0] for one in checked(home, "2026-10").problems]
    assert named == [first.institution, second.institution]
    settled = frozenset(map(leaf, forged.lines))
    (problem,) = checked(home, "2026-10", settled).problems
    assert first.institution in problem


def three(home: Path) -> dict[str, Path]:
    found, previous = {}, ""
    for period in PERIODS:
        one = edition(period, previous)
        found[period], previous = issued(home, one), one.digest
    return found


def test_a_missing_edition_is_named_and_is_no_broken_chain(home: Path) -> None:
    folders = three(home)
    digest = sha256((folders["2026-11"] / "edition.json").read_bytes()).hexdigest()
    assert checked(home, "2026-12").notes == ()
    assert folder_of(home / "editions", digest) == folders["2026-11"]
    shutil.rmtree(folders["2026-11"])
    verdict = checked(home, "2026-12")
    assert verdict.problems == ()
    (note,) = verdict.notes
    assert note.startswith(f"缺少版次 2026-11（上一版次的校验码 {digest}）")
    assert "2026-10" in note
    shutil.rmtree(folders["2026-10"])
    (note,) = checked(home, "2026-12").notes
    assert digest in note
    assert "不在旁边" in note


def test_a_folder_with_another_editions_name_is_named(home: Path) -> None:
    folders = three(home)
    aside = home / "aside"
    folders["2026-10"].rename(aside)
    folders["2026-11"].rename(folders["2026-10"])
    aside.rename(folders["2026-11"])
    for name, within in (("2026-10", "2026-11"), ("2026-11", "2026-10")):
        assert any(f"签名的却是 {within}" in one for one in checked(home, name).problems)


def test_a_chain_over_the_end_of_a_year_names_every_missing_month(home: Path) -> None:
    issued(home, edition("2026-10"))
    issued(home, edition("2027-02", "0" * 64))
    (note,) = checked(home, "2027-02").notes
    assert "2026-11、2026-12、2027-01" in note


def test_what_lies_beside_and_does_not_fit_breaks_the_chain(home: Path) -> None:
    folders = three(home)
    other = edition("2026-11", "0" * 64)
    (folders["2026-11"] / "edition.json").write_bytes(canonical(other.manifest))
    (problem,) = checked(home, "2026-12").problems
    assert "旁边的 2026-11 不是这个校验码" in problem
    assert "链条断了" in problem
    (folders["2026-11"] / "edition.json").write_bytes(b"{")
    verdict = checked(home, "2026-12")
    assert verdict.problems == ()
    assert any("2026-11 读不出来" in one for one in verdict.notes)


def test_an_edition_that_passes_over_another_or_denies_it_breaks_the_chain(home: Path) -> None:
    three(home)
    first = edition(PERIODS[0])
    rewritten(home, edition("2026-12", first.digest))
    assert any("跳过了旁边的 2026-11" in one for one in checked(home, "2026-12").problems)
    rewritten(home, edition("2026-12"))
    assert any("没有写上一版次" in one for one in checked(home, "2026-12").problems)


def test_the_root_of_a_buried_line_is_the_root_of_the_line() -> None:
    honest = edition()
    assert root([leaf(line) for line in buried(honest, 7).lines]).hex() == honest.manifest.root
