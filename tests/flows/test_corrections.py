"""An edition that puts right what earlier ones said wrongly says so: signed, on every channel, and once."""

import json
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree.ElementTree import parse

import pytest

from config import month
from config.keeping.rebuild import freeze_again
from publisher.edition import Edition, read_edition
from publisher.gate import Bounds, prepare, publish
from publisher.paper_key import create_paper_key
from publisher.site.api_made import history_of
from publisher.site.institution import institution
from publisher.site.store import Store
from publisher.verify import verify
from registry import acts
from registry.database import writing
from registry.forms import StepForm
from tests.flows.kept_city import quiet
from tests.flows.past_city import AFTER, ANNULLED, BEFORE, PRINTED, Office, office
from tests.flows.withdrawals import checked
from tests.registry import people as p

__all__ = ["office"]
PAPER = "甬政复〔2027〕1号"
ATOM = "{http://www.w3.org/2005/Atom}"


def issued(office: Office, period: str) -> Path:
    """An edition with every one of its files."""
    edition = month.frozen(office.engine, office.settings, period)
    prepare(office.engine, edition, office.settings.editions, Bounds(), by=p.QIAN, now=p.NOW)
    with writing(office.engine) as session:
        acts.approve_edition(session, period, 0, edition.digest, by=p.ZHOU, now=p.NOW)
    create_paper_key(office.settings.keys, office.settings.organ, p.NOW.date())
    renderers = month.renderers(office.settings, p.NOW)
    return publish(office.engine, edition, office.settings.data, renderers, by=p.QIAN, now=p.NOW)


def test_what_was_wrong_is_told_from_what_to_what_why_and_by_which_paper(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    assert not (office.settings.editions / PRINTED[-1] / "corrections.json").exists()
    office.annul()
    first = month.frozen(office.engine, office.settings, AFTER)
    assert month.frozen(office.engine, office.settings, AFTER).digest == first.digest
    office.release(AFTER)
    (one,) = read_edition(office.settings.editions / AFTER).corrections
    assert (one.institution, one.document_no) == (office.punished, PAPER)
    assert one.reason == "处罚案件已撤销：程序违法"
    assert [(was.edition, was.before, was.after) for was in one.editions] == [
        (name, "none B", "none A") for name in PRINTED
    ]
    verdict = checked(office, AFTER)
    assert (verdict.problems, verdict.corrected) == ((), 1)
    assert (
        "更正以前版次的错误：1 家" in office.run("verify", office.settings.editions / AFTER).stdout
    )
    # It is told once.
    office.release("2027-03")
    assert read_edition(office.settings.editions / "2027-03").corrections == ()
    file = office.settings.editions / AFTER / "corrections.json"
    file.write_text(file.read_text("utf-8").replace("none A", "white A"), "utf-8")
    problems = checked(office, AFTER).problems
    assert "文件 corrections.json 被改动" in problems
    assert "corrections.json 与 edition.json 所记的更正公告不符" in problems


def test_whatever_kind_of_edition_lost_its_folder_it_is_made_again_as_it_was_signed(
    office: Office,
) -> None:
    """A supplementary edition, and one that corrects, of which the register alone is left."""
    office.release(BEFORE, *PRINTED[:2])
    dates = month.Dates(cut_off=date(2026, 12, 20), released_on=date(2026, 12, 22))
    supplement = month.frozen(office.engine, office.settings, "2026-12.1", dates)
    carry_out(office, supplement, datetime(2026, 12, 22, 3, tzinfo=UTC))
    office.annul()
    after = month.frozen(office.engine, office.settings, AFTER)
    assert after.corrections
    carry_out(office, after, datetime(2027, 2, 3, 3, tzinfo=UTC))
    with writing(office.engine) as session:  # what came to be known since was not signed
        Office.confirmed(session, office.other, "2026-11-09", datetime(2027, 2, 20, 3, tzinfo=UTC))
    for edition in (supplement, after):
        shutil.move(office.settings.editions / edition.name, office.settings.data / edition.name)
        (again,) = freeze_again(office.engine, office.settings, (edition.name,), quiet)
        assert (again.why, again.same, again.lies) == ("", True, False)
        shutil.move(office.settings.data / edition.name, office.settings.editions / edition.name)


def carry_out(office: Office, edition: Edition, now: datetime) -> None:
    """Prepared, signed and released at an instant."""
    prepare(office.engine, edition, office.settings.editions, Bounds(), by=p.QIAN, now=now)
    manifest = edition.manifest
    with writing(office.engine) as session:
        acts.approve_edition(
            session, manifest.period, manifest.number, edition.digest, by=p.ZHOU, now=now
        )
    publish(office.engine, edition, office.settings.data, (), by=p.QIAN, now=now)


def test_what_is_recorded_late_is_corrected_too(office: Office) -> None:
    office.release(BEFORE, *PRINTED)
    later = datetime(2027, 1, 15, 3, tzinfo=UTC)
    with writing(office.engine) as session:
        office.confirmed(session, office.other, "2026-11-09", now=later)
    signed = month.frozen(office.engine, office.settings, AFTER).digest
    office.release(AFTER)
    # A release that is repeated after a crash finds itself among the editions.
    assert month.frozen(office.engine, office.settings, AFTER).digest == signed
    (one,) = read_edition(office.settings.editions / AFTER).corrections
    assert (one.institution, one.reason) == (office.other, "问题在发布以后才登记")
    assert [was.edition for was in one.editions] == ["2026-12", "2027-01"]


def test_what_is_known_to_be_annulled_is_not_printed_even_of_a_day_on_which_it_stood(
    office: Office,
) -> None:
    office.release(BEFORE, *PRINTED[:2])
    office.annul()
    # On the last day of December the penalty still stood; that it never was is known by the release.
    office.release(PRINTED[2])
    last = read_edition(office.settings.editions / PRINTED[2])
    (entry,) = [one for one in last.entries if one.institution == office.punished]
    assert entry.facts.records == ()
    (one,) = last.corrections
    assert [was.edition for was in one.editions] == list(PRINTED[:2])
    assert office.wrong("2027-01-21") == {name: [office.punished] for name in PRINTED[:2]}


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_the_notice_goes_through_every_channel_the_mistake_went_through(office: Office) -> None:
    office.release(BEFORE, *PRINTED[:-1])
    issued(office, PRINTED[-1])
    office.annul()
    folder = issued(office, AFTER)
    assert verify(folder, office.settings.keys / "bureau.pub").problems == ()
    page = (folder / "index.html").read_text("utf-8")
    assert page.index("更正公告") < page.index("与上一版比")
    assert PAPER in page
    assert 'href="corrections.pdf"' in page
    (change,) = [
        one
        for one in json.loads((folder / "changes.json").read_bytes())["changes"]
        if one["institution"] == office.punished
    ]
    assert change["corrects"] == list(PRINTED)
    for name in ("feed.atom", "feed/330203.atom"):
        terms = [
            one.get("term")
            for one in parse(folder / name).getroot().iter(f"{ATOM}category")  # noqa: S314 our own file
        ]
        assert terms.count("correction") == 1
    pdftotext = shutil.which("pdftotext")
    assert pdftotext, "apt-get install poppler-utils"
    words = [pdftotext, "-layout", str(folder / "corrections.pdf"), "-"]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert "更正公告" in text
    assert PAPER in text.replace("\n", "").replace(" ", "")
    again = folder.parent.parent / "again"
    again.mkdir()
    from publisher.correction_paper import render_corrections

    render_corrections(read_edition(folder), again)
    unsigned = (again / "corrections.pdf").read_bytes()
    assert (folder / "corrections.pdf").read_bytes().startswith(unsigned)
    told = json.loads((folder / "papers.json").read_bytes())["corrections.pdf"]
    assert told["length"] == len(unsigned)
    store, values = Store(office.settings.editions), {"up": "../../", "live": False}
    now = institution(store, store.current(), office.punished, values) or ""
    assert now.count("版写错了") == len(PRINTED)
    assert PAPER in now
    then = institution(store, store.edition(PRINTED[-1]), office.punished, values) or ""
    assert then.count("这一版写错了，已经更正") == 1
    assert then.index("这一版写错了") < then.index('class="plate')
    lines = history_of(store, (AFTER, PRINTED[-1]), office.punished)
    assert [(one.corrected_by, one.should_be) for one in lines] == [("", ""), (AFTER, "none A")]


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("程序违法", "处罚案件已撤销：程序违法"),
        ("投诉人张某某说情况不实", "处罚案件已撤销（理由涉及个人信息，依法不公开）"),
        ("联系13805741234核实后撤销", "处罚案件已撤销（理由涉及个人信息，依法不公开）"),
        ("110101199003074514 的陈述不实", "处罚案件已撤销（理由涉及个人信息，依法不公开）"),
        ("咨询电话0574-89181234答复有误", "处罚案件已撤销：咨询电话0574-89181234答复有误"),
    ],
)
def test_a_reason_in_which_a_person_can_be_found_is_not_published(
    office: Office, reason: str, told: str
) -> None:
    import msgspec

    bounds = Bounds(public_numbers=("0574-89181234",))
    city = msgspec.structs.replace(office.settings.city, gate=bounds)
    office.settings = msgspec.structs.replace(office.settings, city=city)
    office.release(BEFORE, *PRINTED)
    step = StepForm(on=date(2027, 1, 20), document_no=PAPER, reason=reason)
    with writing(office.engine) as session:
        acts.take_step(session, office.penalty, "annul", step, by=p.ZHAO, now=ANNULLED)
    (one,) = month.frozen(office.engine, office.settings, AFTER).corrections
    assert (one.reason, one.document_no) == (told, PAPER)


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_the_gate_reads_what_is_told_of_corrections_and_removals_too(office: Office) -> None:
    import msgspec

    from publisher.corrections import Correction
    from publisher.gate import draft_of
    from publisher.removals import Removal

    office.release(BEFORE)
    edition = month.frozen(office.engine, office.settings, PRINTED[0])
    said = "联系13805741234核实"
    whose = {"institution": office.other, "name": "甲", "jurisdiction": "330203", "reason": said}
    day = date(2026, 11, 3)
    removal = Removal(listed="record", how="withdrawn", on=day, until=day, **whose)
    correction = Correction(editions=(), document_no="110101199003074514", **whose)
    edition = msgspec.structs.replace(edition, corrections=(correction,), removals=(removal,))
    draft, _ = draft_of(edition, office.settings.editions, Bounds())
    found = {one.said: one.acceptable for one in draft.violations if one.code == "privacy"}
    assert found == {
        "“更正的理由”含有手机号码（13**********）": True,
        "“更正的文号”含有居民身份证号码（11************）": False,
        "“撤回的理由”含有手机号码（13**********）": True,
    }
