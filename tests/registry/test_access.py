"""Who may act where: roles, jurisdictions, and the trace a look at personal data leaves."""

from datetime import date

import pytest
from sqlalchemy import Engine

from registry import acts, queries, tables
from registry.acts.authority import authorise
from registry.database import writing
from registry.errors import FormRefused, NotAllowed, NotFound
from registry.forms import AccountForm, ReplyForm, StepForm
from registry.queries import places
from registry.queries.private import masked
from tests.registry import people as p


def test_a_look_at_personal_data_needs_a_purpose_and_leaves_a_trace(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        with pytest.raises(FormRefused, match="目的"):
            acts.log_reading(session, id, "专户余额", " ", by=p.LI, now=p.NOW)
        acts.log_reading(session, id, "专户余额", "核查退费投诉", by=p.LI, now=p.NOW)
        (line,) = queries.readings(session, id)
        assert (line.account, line.what, line.purpose) == ("li", "专户余额", "核查退费投诉")


@pytest.mark.parametrize("role", ["auditor", "institution", "administrator", "publisher"])
def test_a_role_that_may_not_record_is_refused(engine: Engine, role: str) -> None:
    with writing(engine) as session:
        id = p.city(session)
        other = acts.Actor(account="other", role=role)
        with pytest.raises(NotAllowed, match="无权"):
            acts.take_step(
                session,
                p.finding(session, id),
                "hear",
                StepForm(on=date(2026, 3, 5), reason="x"),
                by=other,
                now=p.NOW,
            )


def test_a_grant_reaches_its_jurisdiction_and_no_further(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        p.neighbour(session)
        for account, place in (("wang", "330203"), ("other", "330205")):
            form = AccountForm(
                id=account,
                name="检查员",
                password="correct horse",  # noqa: S106 a test's
                role="inspector",
                jurisdiction=place,
            )
            acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        p.finding(session, id)
        stranger = acts.Actor(account="other", role="inspector", name="外区检查员")
        with pytest.raises(NotAllowed, match="权限不包括"):
            acts.record_finding(
                session,
                p.read_form(
                    p.FindingSheet,
                    {"institution": id, "code": "S01", "seen_on": "2026-03-02", **p.TWO},
                ),
                by=stranger,
                now=p.NOW,
            )


def test_a_district_registers_in_its_own_jurisdiction_only(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        p.neighbour(session)
        form = AccountForm(
            id="qian",
            name="钱发布",
            password="correct horse",  # noqa: S106 a test's
            role="publisher",
            jurisdiction="330205",
        )
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        with pytest.raises(NotAllowed, match="330203"):
            p.institution(session)
        with pytest.raises(NotFound, match="330299"):
            p.institution(session, jurisdiction="330299")


def test_an_institution_answers_for_itself_only(engine: Engine) -> None:
    with writing(engine) as session:
        own, other = p.city(session), p.institution(session)
        form = AccountForm(
            id="school",
            name="学校",
            password="correct horse",  # noqa: S106 a test's
            role="institution",
            institution=own,
        )
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        reply = ReplyForm(about=p.finding(session, own), on=date(2026, 3, 4), text="已改正")
        assert acts.reply_to(session, reply, by=p.SCHOOL, now=p.NOW)
        stray = ReplyForm(about=p.finding(session, other), on=date(2026, 3, 4), text="已改正")
        with pytest.raises(NotAllowed):
            acts.reply_to(session, stray, by=p.SCHOOL, now=p.NOW)


def test_a_jurisdiction_holds_all_below_it_and_a_loop_ends(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        p.neighbour(session, "A1", "330203")
        p.neighbour(session, "A2", "A1")
        assert places.within(session, "330203") == ("330203", "A1", "A2")
        assert places.above(session, "A2") == ["A1", "330203"]
        p.neighbour(session, "B1", "B2")
        p.neighbour(session, "B2", "B1")
        assert set(places.within(session, "B1")) == {"B1", "B2"}
        assert len(places.above(session, "B1")) == 2
        below = p.institution(session, jurisdiction="A2")
        assert places.institution_behind(session, "matter", p.finding(session, below)) == below
        for kind, id in (
            ("matter", "WT0"),
            ("institution", "NB-0"),
            ("task", "x"),
            ("attachment", "9"),
        ):
            with pytest.raises(NotFound):
                places.institution_behind(session, kind, id)


def test_a_district_does_not_act_for_the_whole_city(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session)
        form = AccountForm(
            id="qian",
            name="钱发布",
            password="correct horse",  # noqa: S106 a test's
            role="publisher",
            jurisdiction="330203",
        )
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        with pytest.raises(NotAllowed, match="全市"):
            acts.release_edition(session, "2026-11", 0, by=p.QIAN, now=p.NOW)


@pytest.mark.parametrize(
    "act", ["approve_edition", "release_edition", "listing.decide", "alert.issue"]
)
def test_what_decides_needs_a_second_factor(engine: Engine, act: str) -> None:
    weak = acts.Actor(account="system", role="head", strong=False)
    publisher = acts.Actor(account="system", role="publisher", strong=False)
    with writing(engine) as session:
        by = publisher if act == "release_edition" else weak
        with pytest.raises(NotAllowed, match="两步验证"):
            authorise(session, by, act, "办理", now=p.NOW)
        strong = acts.Actor(account="system", role=by.role)
        authorise(session, strong, act, "办理", now=p.NOW)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812345678", "138******78"),
        ("a@b.cn", "a*****"),
        ("王", "王"),
        ("王五", "王*"),
        ("", ""),
    ],
)
def test_a_mask_leaves_too_little_to_use(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_what_is_not_public_is_gathered_with_its_masks(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        stamp = {"institution": id, "recorded_at": p.NOW, "recorded_by": "x"}
        session.add_all(
            [
                tables.Contact(kind="phone", text="13812345678", public=False, **stamp),
                tables.Contact(kind="phone", text="057412345678", public=True, **stamp),
                tables.Staff(name="赵老师", post="教师", qualification="证 123", **stamp),
                tables.Matter(
                    id="TS1",
                    kind="complaint",
                    jurisdiction="330203",
                    opened_on=p.NOW.date(),
                    owner="x",
                    **stamp,
                ),
            ]
        )
        session.flush()
        complaint = {"matter": "TS1", "receipt": "R1", "text": "退费", "contact": "13900001111"}
        session.add(tables.Complaint(**complaint, recorded_at=p.NOW, recorded_by="x"))
        session.flush()
        lines = queries.private_of(session, id)
        assert [one.key.split("-")[0] for one in lines] == ["contact", "staff", "complaint"]
        assert "13812345678" not in "".join(one.masked for one in lines)
        assert [one.text for one in lines][2] == "13900001111"
        assert "（TS1）" in lines[2].what
