"""What the plate, the lights and the conditions say of an institution, and never say."""

import re
from datetime import date, timedelta
from pathlib import Path
from subprocess import run
from typing import Any

import msgspec
import pytest
from msgspec import structs

from config.demo import institutions
from publisher.changes import changes
from publisher.edition import Alert, Entry
from publisher.listed import Listed
from publisher.pages.chart import Past, charts, said
from publisher.pages.sheet import NOT_MET, Sheet, sheet
from publisher.pages.words import STOPPED, grade_words, plate, shown_status, stood
from publisher.papers import Standing, standing_paper
from publisher.print.rows import row_of
from publisher.removals import Removal
from publisher.site.english import reading, removed_reading
from publisher.site.institution import badge, english, institution
from publisher.site.store import Store
from scoring import Facts, Policy, assess, load_policy
from scoring.canonical import canonical
from scoring.facts import Listing, Term
from scoring.policy import WhiteCondition
from scoring.words import chinese
from tests.publisher.test_search import opened

POLICY = load_policy((Path(__file__).parents[2] / "config/policy/NB-2026-1.toml").read_bytes())
ON, TODAY = date(2026, 10, 31), date(2026, 11, 27)
BLACK = Listing(
    id="MD1",
    list="black",
    ground="无证办学",
    reason="无证办学",
    document_no="甬教信〔2026〕1号",
    organ="宁波市教育局",
    article="《校外培训行政处罚暂行办法》第十七条",
    decided_on=date(2026, 6, 1),
    effective_on=date(2026, 6, 8),
    until=date(2027, 6, 8),
)


def entry(facts: Facts, **more: Any) -> Entry:
    return Entry(
        institution=facts.institution,
        name="宁波市海曙区启明星艺术培训学校",
        names=(),
        jurisdiction="330203",
        code="",
        licence_no="",
        addresses=(),
        facts=facts,
        rating=assess(facts, POLICY, ON).lasting(),
        salt="",
        **more,
    )


def white(**changed: Any) -> Facts:
    """Somebody of the made-up city who is on its white list, with something changed."""
    found = next(
        one.facts
        for one in institutions(1, 200)
        if assess(one.facts, POLICY, ON).status == "white" and one.facts.covers
    )
    return structs.replace(found, **changed)


def alert(until: date) -> Alert:
    """A risk alert that runs to a day."""
    return Alert(
        id="FX1",
        text="校区已关门",
        record="",
        document_no="示1",
        issued_on=date(2026, 11, 10),
        until=until,
    )


def shown(one: Entry, today: date | None = None) -> Sheet:
    return sheet(one, POLICY, {}, ON, today)


@pytest.mark.parametrize("status", STOPPED)
def test_who_has_stopped_is_shown_so_and_nobody_is_told_how_to_pay(status: Any) -> None:
    one = entry(white(status=status))
    told = shown(one)
    assert (told.plate.key, told.plate.word, told.plate.grade) == ("stopped", STOPPED[status], "")
    assert "请不要再向它交费" in told.plate.after
    assert told.lights == ()
    assert shown_status("none", one.rating.grade, POLICY.unrated) == "stopped"
    assert "Please pay it no fees" in reading(one, told, ON).sentence


def test_who_never_had_a_licence_and_is_listed_is_said_to_have_no_grade_and_why() -> None:
    one = entry(white(licences=(), listings=(BLACK,)))
    told = shown(one)
    assert (one.rating.grade, told.plate.grade) == ("N", "")
    assert told.unrated == "登记库里没有办学许可，不评等级"
    assert (
        reading(one, told, ON).total == "The register holds no licence of it, so it is not rated."
    )


def test_a_stopped_institution_on_the_black_list_is_first_of_all_on_it() -> None:
    told = plate(entry(white(status="closed", listings=(BLACK,))), ON)
    assert told.key == "black"
    assert "本机构已终止办学" in told.after


def test_who_was_closed_while_on_the_watch_list_is_not_said_to_teach_on() -> None:
    watch = structs.replace(BLACK, id="MD2", list="watch", reason="整改未完成")
    one = entry(white(status="closed", listings=(watch,)))
    told = shown(one)
    assert (told.plate.key, told.refund) == ("watch", True)
    assert "本机构已终止办学。请不要向它交费。" in told.plate.after
    read = reading(one, told, ON)
    assert "It has closed for good. Please pay it no fees." in read.sentence
    assert "closed" not in read.means_not


def test_a_badge_says_that_an_alert_runs_and_that_there_is_an_objection(tmp_path: Path) -> None:
    objected = structs.replace(BLACK, disputed=True)
    warned = entry(structs.replace(white(), institution="NB-AAAA-A"), alerts=(alert(TODAY),))
    disputed = entry(structs.replace(white(), institution="NB-BBBB-B", listings=(objected,)))
    edition = opened([warned, disputed], tmp_path)
    edition.manifest = structs.replace(edition.manifest, cut_off=ON)
    running = badge(edition, "NB-AAAA-A", TODAY) or ""
    assert "白名单　有风险提示" in running
    assert "有风险提示" not in (badge(edition, "NB-AAAA-A", TODAY + timedelta(days=1)) or "")
    assert "异议中" in (badge(edition, "NB-BBBB-B", TODAY) or "")
    assert "异议" not in running


def test_what_ran_out_since_the_edition_is_not_shown_as_running() -> None:
    facts = white()
    ends = date(2026, 11, 10)
    one = entry(
        structs.replace(facts, covers=tuple(structs.replace(c, until=ends) for c in facts.covers))
    )
    (then,) = (light for light in shown(one).lights if "保险" in light.what)
    (now,) = (light for light in shown(one, TODAY).lights if "保险" in light.what)
    assert (then.key, then.word) == ("soon", "30 日内到期")
    assert (now.key, now.word) == ("soon", "已到期")
    assert "2026年11月10日止" in now.detail
    english = reading(one, shown(one, TODAY), ON)
    (read,) = (light for light in english.lights if "nsurance" in light.what)
    assert (read.word, read.chinese) == ("ended since", False)


def test_one_kind_of_insurance_that_ran_out_is_said_to_have_though_its_grace_runs() -> None:
    facts = white()
    ended = ON - timedelta(days=3)
    covers = tuple(
        structs.replace(one, until=ended) if one.cover_class == "performance" else one
        for one in facts.covers
    )
    one = entry(structs.replace(facts, covers=covers))
    assert one.rating.status == "white"
    (light,) = (light for light in shown(one).lights if "保险" in light.what)
    assert (light.key, light.word, light.detail) == ("bad", "已过期", f"{chinese(ended)}止")
    (cover,) = (asked for asked in one.rating.conditions if asked.code == "cover")
    assert (cover.met, "宽限到" in cover.sentence) == (True, True)


def asking(*covers: WhiteCondition) -> Policy:
    """The policy with these conditions for insurance in place of its own."""
    others = tuple(one for one in POLICY.white if one.kind != "cover")
    return structs.replace(POLICY, white=(*others, *covers))


COVER = next(one for one in POLICY.white if one.kind == "cover")
EACH = tuple(structs.replace(COVER, classes=(kind,)) for kind in ("performance", "premises"))
MUCH = structs.replace(COVER, sum_at_least=10**15)


def test_insurance_is_not_asked_for_where_no_condition_binds_this_kind() -> None:
    free = asking(structs.replace(COVER, except_kinds=("民办幼儿园",)))
    for kind, asked in (("民办幼儿园", False), ("培训机构", True), ("", True)):
        made = entry(structs.replace(white(), kind=kind, covers=()))
        lights = sheet(made, free, {}, ON).lights
        assert any(one.what.endswith("保险") for one in lights) is asked, kind


@pytest.mark.parametrize(
    ("policy", "missing", "key", "word"),
    [
        (asking(*EACH), "", "ok", "在保"),
        (asking(*EACH), "performance", "bad", "不齐全"),
        (asking(*EACH), "premises", "bad", "不齐全"),
        (asking(EACH[1]), "performance", "ok", "在保"),
        (asking(MUCH), "", "bad", "保额不足"),
        (asking(EACH[0], structs.replace(EACH[1], sum_at_least=10**15)), "", "bad", "保额不足"),
    ],
)
def test_insurance_shows_in_force_only_where_every_condition_for_it_is_met(
    policy: Policy, missing: str, key: str, word: str
) -> None:
    facts = white()
    long = [structs.replace(one, until=date(2027, 12, 31)) for one in facts.covers]
    covers = tuple(one for one in long if one.cover_class != missing)
    made = entry(structs.replace(facts, covers=covers))
    rating = assess(made.facts, policy, ON)
    (light,) = (one for one in sheet(made, policy, {}, ON).lights if one.what.endswith("保险"))
    assert (light.key, light.word) == (key, word)
    assert all(one.met for one in rating.conditions if one.code == "cover") is (key == "ok")
    (read,) = (
        one
        for one in reading(made, sheet(made, policy, {}, ON), ON).lights
        if "nsurance" in one.what
    )
    assert not read.chinese


@pytest.mark.parametrize(("until", "warns"), [(TODAY, True), (date(2026, 11, 26), False)])
def test_a_running_alert_changes_what_the_plate_does_not_mean(until: date, *, warns: bool) -> None:
    told = shown(entry(white(), alerts=(alert(until),)), TODAY)
    assert told.warned is warns
    assert ("以风险提示为准" in told.plate.means_not) is warns
    assert ("上面的风险提示发生在此之后" in told.plate.after) is warns


def test_no_grade_recommends_whoever_never_had_a_licence() -> None:
    licensed = white(listings=(BLACK,))
    assert plate(entry(licensed), ON).grade == "A"
    never = structs.replace(licensed, licences=())
    assert plate(entry(never), ON).grade == ""
    # Nor where an earlier version of the policy has given one.
    rated = structs.replace(entry(licensed), facts=never)
    assert rated.rating.grade == "A"
    assert plate(rated, ON).grade == ""


def test_a_grade_that_nobody_has_given_is_no_condition_missed() -> None:
    young = white(opened_on=date(2026, 9, 1))
    told = shown(entry(young))
    assert told.plate.key == "new"
    words = {title: word for word, title, *_ in told.conditions}
    (grade,) = (word for title, word in words.items() if "等级" in title)
    assert grade == "尚不能判断"
    assert NOT_MET not in words.values()


def test_a_disputed_listing_means_neither_one_thing_nor_the_other() -> None:
    told = shown(entry(white(listings=(structs.replace(BLACK, disputed=True),))))
    assert told.plate.means_not.startswith("异议成立或者不成立")
    assert [what for _, what in told.objections] == ["列入黑名单的决定"]


def test_what_stands_for_a_grade_is_said_in_words() -> None:
    found = [grade_words(one, POLICY.unrated) for one in ("A", "N", "S", "A–B", "")]
    assert found == ["A 级", "未评", "停办", "A–B", ""]


def test_the_history_of_whoever_has_no_score_is_drawn_by_any_number_of_grades() -> None:
    past = (Past(period="2026-09", status="new", grade="N"),)
    for bands in (POLICY.bands, POLICY.bands[-2:], POLICY.bands[-1:]):
        policy = structs.replace(POLICY, bands=bands)
        drawn = charts(past, policy)
        assert all(one.step == "" and one.spans for one in drawn)
        assert said(past, policy) == "2026-09版起新设未评。"


@pytest.mark.parametrize(
    ("until", "key", "word", "detail", "english", "printed"),
    [
        (date(2029, 12, 31), "ok", "有效", "至 2029年12月31日", "valid", "2029-12-31"),
        # What the certificate says to have no end, and what nobody has written down.
        (date.max, "ok", "有效", "长期", "valid", "长期"),
        (None, "soon", "没有登记到期日", "请看证上的日期", "its end is not registered", ""),
    ],
)
def test_a_licence_without_an_end_is_shown_as_that_only_where_somebody_has_said_so(
    until: date | None, key: str, word: str, detail: str, english: str, printed: str
) -> None:
    held = entry(white(licences=(Term(since=date(2019, 3, 5), until=until),)))
    shown = sheet(held, POLICY, {}, ON, TODAY)
    light = next(one for one in shown.lights if one.what == "办学许可")
    assert (light.key, light.word) == (key, word)
    assert detail in light.detail
    assert english in {one.word for one in reading(held, shown, ON).lights}
    assert row_of(held, "white", ON).licensed_until == printed


def test_the_english_reading_says_why_somebody_is_listed_and_what_is_missing() -> None:
    listed = entry(white(listings=(structs.replace(BLACK, disputed=True),), covers=()))
    told = reading(listed, shown(listed), ON)
    assert told.reasons == (("listed", "列入黑名单：无证办学", True),)
    assert told.missing == ("Insurance in force for contract and premises",)
    young = entry(white(opened_on=date(2026, 9, 1)))
    assert reading(young, shown(young), ON).missing == ()
    closed = entry(white(status="closed", covers=()))
    assert reading(closed, shown(closed), ON).missing == ()


@pytest.mark.parametrize(
    ("listed", "how", "said"),
    [
        ("black", "expired", "On 3 November 2026 it was removed from the black list: its term"),
        ("watch", "lifted", "On 3 November 2026 it was removed from the watch list: a decision"),
        ("record", "repaired", "a record of it was taken from view: its credit was repaired."),
        ("black", "withdrawn", "its entry on the black list was withdrawn. This does not mean"),
        ("record", "withdrawn", "a record of it was withdrawn. This does not mean that it broke"),
    ],
)
def test_the_english_reading_tells_what_was_removed(listed: Any, how: Any, said: str) -> None:
    one = Removal(
        institution="NB-1",
        name="启明星",
        jurisdiction="330203",
        listed=listed,
        how=how,
        on=date(2026, 11, 3),
        until=date(2027, 11, 2),
    )
    assert said in removed_reading(one)


# Of whom, and what each page and paper says of paying: training in advance, training after, a school.
PAYING = {
    "prepaid": ({"kind": "培训机构"}, "60课时", "60 lessons"),
    "unknown kind": ({"kind": ""}, "60课时", "60 lessons"),
    "after": ({"kind": "培训机构", "charges_in_advance": False}, "不预收费", "taking no fees"),
    "kindergarten": (
        {"kind": "民办幼儿园", "charges_in_advance": False},
        "公示的项目",
        "on public",
    ),
    "school": ({"kind": "民办普通高中"}, "公示的项目", "on public"),
}


@pytest.mark.parametrize("who", PAYING)
def test_what_to_pay_follows_the_kind_of_institution(tmp_path: Path, who: str) -> None:
    changed, wanted, in_english = PAYING[who]
    one = entry(structs.replace(white(**changed), institution="NB-AAAA-A"))
    edition = opened([one], tmp_path)
    values = {"up": "../../", "today": ON}
    store = Store(tmp_path)
    page = institution(store, edition, one.institution, values) or ""
    read = english(store, edition, one.institution, values) or ""
    source = Standing(manifest=edition.manifest, digest="0" * 64, entry=one, place="", next_on="")
    made = standing_paper("notice", source, ON, "https://example.test/c/", lambda _: b"x" * 64)
    read_off = run(["pdftotext", "-", "-"], input=made, capture_output=True, check=True).stdout
    paper = "".join(read_off.decode().split())
    told = page.partition('class="pay"')[2].partition("</p>")[0].replace(" ", "")
    for text in (told, paper):
        assert wanted in text
        assert ("60课时" in text) == ("监管专户" in text) == (wanted == "60课时")
    assert in_english in read
    assert ("60 lessons" in read) is (wanted == "60课时")


def test_a_second_registration_is_said_to_be_one_and_nobody_to_have_stopped() -> None:
    facts = structs.replace(white(), status="closed", records=(), inspections=())
    made = entry(facts, successor="NB-7K3M-5", merged=True)
    shown = sheet(made, POLICY, {}, ON)
    assert (shown.plate.key, shown.plate.word) == ("stopped", "重复的登记")
    assert "已并入 NB-7K3M-5" in shown.plate.after
    assert (shown.refund, shown.lights, shown.unrated) == (False, (), "已并入另一个编号")
    read = reading(made, shown, ON)
    assert read.headline == "A second registration"
    assert (shown.visited, read.visited) == (
        "检查写在并入的那个编号下。",
        "Its inspections stand under NB-7K3M-5.",
    )
    assert "NB-7K3M-5" in read.sentence
    for text in (
        f"{shown.plate.word}{shown.plate.after}{shown.unrated}",
        f"{read.headline}{read.sentence}",
    ):
        assert not re.search("已停办|终止办学|交费|stopped|closed", text)
    listed = msgspec.json.decode(canonical(made), type=Listed)
    assert listed.why == "同一家机构的重复登记，已并入 NB-7K3M-5。"
    (change,) = changes({}, [listed])
    assert stood(change.after, POLICY.unrated) == "未列入"
    assert (shown.grade, listed.grade) == ("", "")
    alone = sheet(entry(facts), POLICY, {}, ON)
    assert (alone.plate.word, alone.refund) == ("已终止办学", True)
