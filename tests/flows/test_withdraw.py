"""A withdrawal with a real process: every edition that printed the annulled record, every file, one step each."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config import withdrawing
from config.yearly import year_of
from publisher.edition import is_withdrawn, leaf, read_edition
from publisher.signing import sign
from publisher.withdraw import WithdrawalRefused
from registry import acts, queries
from registry.database import reading, writing
from registry.errors import NotAllowed
from registry.forms import StepForm
from tests.flows.past_city import AFTER, ANNULLED, BEFORE, PRINTED, Office, office
from tests.flows.withdrawals import checked, command, is_old_or_new, shows
from tests.registry import people as p

__all__ = ["office"]
REASON, PAPER = "原处罚决定被行政复议撤销", "甬政复〔2027〕1号"


def published(office: Office) -> list[bytes]:
    """Four editions, and the penalty that three of them print annulled; what was signed of each."""
    office.release(BEFORE, *PRINTED)
    office.annul()
    return [manifest(office, name) for name in (BEFORE, *PRINTED)]


def folder(office: Office, name: str) -> Path:
    return office.settings.editions / name


def manifest(office: Office, name: str) -> bytes:
    return (folder(office, name) / "edition.json").read_bytes()


def words(office: Office) -> list[str]:
    said = ["--reason", REASON, "--document", PAPER, "--by", "signer"]
    return ["withdraw", office.punished, *said]


def account(office: Office) -> None:
    """A publisher who may withdraw."""
    from config.register import OPERATOR
    from registry.accounts import create_account
    from registry.errors import read_form
    from registry.forms import AccountForm

    sheet = {"id": "signer", "name": "签发人", "password": "three plain words", "role": "publisher"}
    with writing(office.engine) as session:
        create_account(session, read_form(AccountForm, sheet), by=OPERATOR, now=p.NOW)


def owed(office: Office) -> list[str]:
    with reading(office.engine) as session:
        lines = queries.matters(session, open_only=True)
        return [one.id for one in lines if one.kind == "withdrawal"]


def test_an_annulled_penalty_is_withdrawn_from_every_edition_that_prints_it(office: Office) -> None:
    account(office)
    signed = published(office)
    assert len(owed(office)) == 1
    before = read_edition(office.settings.editions / PRINTED[0])
    line = next(one for one in before.lines if office.punished.encode() in one)
    done = command(office, *words(office), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert [one["edition"] for one in told["done"]] == list(PRINTED)
    assert told["closed"]
    assert owed(office) == []
    assert [manifest(office, name) for name in (BEFORE, *PRINTED)] == signed
    assert shows(office, BEFORE)
    for name in PRINTED:
        verdict = checked(office, name)
        assert verdict.problems == ()
        assert verdict.withdrawn == 1
        assert not shows(office, name)
    after = read_edition(office.settings.editions / PRINTED[0])
    (grave,) = [one for one in after.lines if is_withdrawn(one)]
    assert leaf(grave) == leaf(line)
    assert REASON.encode() in grave
    (removal,) = after.removals
    assert (removal.listed, removal.how, removal.reason) == ("record", "withdrawn", REASON)
    said = office.run("verify", office.settings.editions / PRINTED[1]).stdout
    assert "其中 1 条已依法撤回" in said
    assert REASON in said
    again = command(office, *words(office))
    assert again.returncode == 0
    assert "没有要做的" in again.stdout
    with reading(office.engine) as session:
        assert len(queries.withdrawals(session)) == 3


def test_the_next_edition_goes_on_from_tombstones_and_tells_the_removal(office: Office) -> None:
    account(office)
    published(office)
    assert command(office, *words(office)).returncode == 0
    office.release(AFTER)
    assert checked(office, AFTER).problems == ()
    edition = read_edition(office.settings.editions / AFTER)
    assert office.punished in {one.institution for one in edition.entries}
    assert [(one.institution, one.how) for one in edition.removals] == [
        (office.punished, "withdrawn")
    ]
    assert b"D02" not in (office.settings.editions / AFTER / "removals.json").read_bytes()


def test_what_is_undone_takes_nobody_off_the_list_of_another_decision(office: Office) -> None:
    """Of two penalties the first is annulled; the listing rests on the second."""
    with writing(office.engine) as session:
        seen = p.finding(session, office.punished, code="F02", seen_on="2026-03-03")
        p.step(session, seen, "hear", p.WANG, "2026-03-09", reason="无异议")
        other = p.penalty(session, office.punished, seen)
        p.listed(session, office.punished, other, months=24)
    account(office)
    published(office)
    status = [one.rating.status for one in read_edition(folder(office, PRINTED[1])).entries]
    assert "black" in status
    assert command(office, *words(office)).returncode == 0
    (removal,) = read_edition(folder(office, PRINTED[1])).removals
    assert (removal.listed, removal.how) == ("record", "withdrawn")


def test_a_years_account_counts_what_was_withdrawn_in_the_year(office: Office) -> None:
    """Three entries are withdrawn on 21 January 2027, of which two stood in editions of 2026."""
    published(office)
    asked = withdrawing.Asked(institution=office.punished, reason=REASON, document_no=PAPER)
    withdrawing.withdraw(office.engine, office.settings, asked, by=p.QIAN, now=ANNULLED)
    told = {}
    for year in (2026, 2027):
        account = year_of(office.engine, office.settings, year, ANNULLED)
        figures = [one for section in account.sections for one in section.figures]
        (figure,) = [one for one in figures if one.label == "撤回的条目"]
        told[year] = (figure.said, {one.name: one.withdrawn for one in account.releases})
    assert told[2026][0] == "0 条"
    assert set(told[2026][1].values()) == {0}
    assert told[2027] == ("3 条", {PRINTED[2]: 1})


def test_a_years_account_takes_no_edition_for_one_that_printed_what_was_recorded_later(
    office: Office,
) -> None:
    """Final on 29 October and entered on 10 December: the list of November, of the end of October, lacks it."""
    with writing(office.engine) as session:
        seen = p.finding(session, office.other)
        matter = p.penalty(session, office.other, seen, until="served")
    office.release(PRINTED[0])
    entered = datetime(2026, 12, 10, 3, tzinfo=UTC)
    with writing(office.engine) as session:
        step = StepForm(on=date(2026, 10, 29))
        acts.take_step(session, matter, "finalise", step, by=p.LI, now=entered)
    account = year_of(office.engine, office.settings, 2026, entered)
    (told,) = [one for one in account.targets if "20 个工作日内公开" in one.what]
    # The other penalty was final on 20 October, and came out on 24 November, later than the 17th.
    assert (told.measured, told.verdict) == ("2 件中 0 件按期", "missed")


def test_a_mistake_of_whoever_asks_is_explained_and_changes_nothing(office: Office) -> None:
    account(office)
    office.release(BEFORE, *PRINTED)
    for changed, said in (
        ([], "没有列出"),
        (["--edition", "2020-01"], "没有发布过版次“2020-01”"),
        (["--by", "nobody"], "没有账户"),
    ):
        done = command(office, *words(office), *changed)
        assert done.returncode == 2
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    done = command(office, "withdraw", "NB-0000-0", *words(office)[2:])
    assert done.returncode == 2
    assert "NB-0000-0" in done.stderr
    assert all(shows(office, name) for name in PRINTED)


def test_nobody_withdraws_alone_what_no_other_person_undid(office: Office) -> None:
    account(office)
    office.release(BEFORE, *PRINTED)
    alone = command(office, *words(office), "--edition", PRINTED[0])
    assert alone.returncode == 2
    assert "由另一人核对后同意" in alone.stderr
    asked = withdrawing.Asked(institution=office.punished, reason=REASON, document_no=PAPER)
    office.annul()
    with pytest.raises(NotAllowed, match="zhao 一个人"):
        withdrawing.withdraw(office.engine, office.settings, asked, by=p.ZHAO, now=ANNULLED)
    with reading(office.engine) as session:
        assert queries.withdrawals(session) == []
    assert all(shows(office, name) for name in PRINTED)


def test_only_the_named_editions_are_withdrawn_and_the_duty_stays_open(office: Office) -> None:
    account(office)
    published(office)
    assert command(office, *words(office), "--edition", PRINTED[1]).returncode == 0
    assert [shows(office, name) for name in PRINTED] == [True, False, True]
    assert len(owed(office)) == 1
    assert command(office, *words(office)).returncode == 0
    assert owed(office) == []


def test_a_tampered_edition_is_not_made_anew_and_the_others_are(office: Office) -> None:
    account(office)
    published(office)
    harmed = office.settings.editions / PRINTED[0] / "policy.toml"
    whole = harmed.read_bytes()
    harmed.write_bytes(whole + b"\n")
    done = command(office, *words(office))
    assert done.returncode == 1
    assert "policy.toml 被改动" in done.stderr
    assert [shows(office, name) for name in PRINTED] == [True, False, False]
    assert len(owed(office)) == 1
    with pytest.raises(WithdrawalRefused, match=PRINTED[0]):
        withdrawing.withdraw_due(office.engine, office.settings, ANNULLED)
    harmed.write_bytes(whole)
    (one,) = withdrawing.withdraw_due(office.engine, office.settings, ANNULLED)
    assert one.edition == PRINTED[0]
    assert not shows(office, PRINTED[0])
    assert owed(office) == []


def test_a_tampered_new_folder_is_named_and_the_old_stays(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(office)
    asked = withdrawing.Asked(institution=office.punished, reason=REASON, document_no=PAPER)

    def signing(content: bytes, private: Path) -> bytes:
        for file in office.settings.editions.glob("0-staging-*/list.csv"):
            file.write_bytes(file.read_bytes() + b"x")  # a disk that writes something else
        return sign(content, private)

    monkeypatch.setattr("publisher.release.sign", signing)
    found = withdrawing.withdraw(office.engine, office.settings, asked, by=p.QIAN, now=ANNULLED)
    assert all("list.csv 被改动" in one.why for one in found.failed)
    assert len(found.failed) == 3
    monkeypatch.undo()
    is_old_or_new(office)
    assert all(shows(office, name) for name in PRINTED)
    assert len(withdrawing.withdraw_due(office.engine, office.settings, ANNULLED)) == 3
    (office.settings.editions / PRINTED[0] / "list.csv").write_bytes(b"x")
    assert any("list.csv" in one for one in checked(office, PRINTED[0]).problems)


def test_an_edition_put_back_from_before_its_withdrawal_is_withdrawn_again(office: Office) -> None:
    import shutil

    published(office)
    folder = office.settings.editions / PRINTED[0]
    shutil.copytree(folder, office.settings.data / "kept")
    asked = withdrawing.Asked(institution=office.punished, reason=REASON, document_no=PAPER)
    withdrawing.withdraw(office.engine, office.settings, asked, by=p.QIAN, now=ANNULLED)
    shutil.rmtree(folder)
    shutil.copytree(office.settings.data / "kept", folder)
    assert shows(office, PRINTED[0])
    done = withdrawing.withdraw_due(office.engine, office.settings, ANNULLED)
    assert [one.edition for one in done] == [PRINTED[0]]
    assert not shows(office, PRINTED[0])


def test_a_current_edition_that_was_rolled_back_is_named(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    link = office.settings.editions / "current"
    link.unlink()
    link.symlink_to(BEFORE)
    for name in (BEFORE, PRINTED[-1]):
        (problem,) = checked(office, name).problems
        assert "被退回" in problem
        assert PRINTED[-1] in problem
    link.unlink()
    link.symlink_to("2019-01")
    (problem,) = checked(office, PRINTED[0]).problems
    assert "没有可用的版次" in problem
