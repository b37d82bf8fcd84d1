"""Many rows in one act: whole credit files come back equal, and a file taken in twice adds nothing."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import msgspec
import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config.demo import institutions
from registry import acts, queries
from registry.acts.bulk import Source
from registry.credit_file import CreditFile, NameRecord, ReplyRecord
from registry.database import reading, writing
from registry.errors import Conflict, FormRefused, NotFound, read_form
from registry.forms import (
    CoverSheet,
    InspectionSheet,
    InstitutionForm,
    JurisdictionForm,
    PastFindingSheet,
)
from registry.forms.staff import masked_number
from registry.identity import institution_id
from registry.ledger import check
from scoring.facts import Event, Facts, Inspection, Listing, Measure, Record, State, Term
from tests.registry import people as p

SOURCE = Source(name="台账.csv", digest="d" * 64)
OFFICERS = ("甲", "乙")
ON = date(2026, 10, 31)


def places(session: Session, ids: set[str]) -> None:
    for id in sorted(ids):
        form = JurisdictionForm(id=id, name=id, organ=f"{id}教育局", since=date(2000, 1, 1))
        acts.register_jurisdiction(session, form, by=p.ADMIN, now=p.NOW)


def demo(size: int) -> Iterator[CreditFile]:
    """The demo city's institutions as credit files, without what nobody may publish."""
    for one in institutions(1, size):
        id = institution_id("NB", one.number)
        since = one.facts.opened_on
        facts = msgspec.structs.replace(one.facts, institution=id)
        if facts.licences:
            term = msgspec.structs.replace(facts.licences[-1], number=one.licence_no)
            facts = msgspec.structs.replace(facts, licences=(term,))
        yield CreditFile(
            institution=id,
            name=one.name,
            names=(NameRecord(kind="legal", text=one.name, since=since),),
            jurisdiction=one.jurisdiction,
            code=one.code,
            licence_no=one.licence_no,
            addresses=(one.address,),
            legal_representative=one.legal_representative if one.code else "",
            organ=f"{one.jurisdiction}教育局",
            facts=facts,
            contacts=one.contacts or msgspec.UNSET,
            staff=tuple(
                msgspec.structs.replace(person, certificate=masked_number(person.certificate))
                for person in one.staff
                if facts.status != "closed"
            )
            or msgspec.UNSET,
        )


def sorted_facts(facts: Facts) -> Facts:
    """Facts with the order that reading gives them; order carries no meaning."""
    return msgspec.structs.replace(
        facts,
        inspections=tuple(sorted(facts.inspections, key=lambda one: (one.on, one.id))),
        records=tuple(sorted(facts.records, key=lambda one: (one.seen_on, one.id))),
        covers=tuple(sorted(facts.covers, key=lambda one: one.since)),
    )


def test_the_demo_citys_credit_files_come_back_equal(engine: Engine) -> None:
    files = sorted(demo(194), key=lambda one: one.institution)
    with writing(engine) as session:
        places(session, {one.jurisdiction for one in files})
        count = acts.bulk_credit_files(
            session, files, source=SOURCE, officers=OFFICERS, by=p.QIAN, now=p.NOW
        )
        assert count == len(files)
    with reading(engine) as session:
        found = list(queries.credit_files(session, ON))
        assert len(queries.ledger_entries(session, act="bulk_register")) == 1
        assert check(session) == []
    assert [one.institution for one in found] == [one.institution for one in files]
    for got, given in zip(found, files, strict=True):
        assert sorted_facts(got.facts) == sorted_facts(given.facts)
        assert msgspec.structs.replace(got, facts=given.facts) == given


def test_a_rich_file_comes_back_equal_with_disputes_measures_and_an_ended_listing(
    engine: Engine,
) -> None:
    events = (
        Event(state=State.DISCOVERED, on=date(2025, 3, 1)),
        Event(state=State.CONFIRMED, on=date(2025, 3, 8)),
        Event(state=State.DISPUTED, on=date(2025, 3, 10)),
        Event(state=State.DISPUTE_ENDED, on=date(2025, 3, 20)),
        Event(state=State.ORDERED, on=date(2025, 4, 1), due_on=date(2025, 5, 1), document_no="改1"),
        Event(state=State.PASSED, on=date(2025, 4, 20)),
    )
    final = (
        Event(state=State.DECIDED, on=date(2025, 6, 1), document_no="罚1"),
        Event(state=State.SERVED, on=date(2025, 6, 5)),
        Event(state=State.FINAL, on=date(2025, 12, 10)),
    )
    measure = Measure(code="m", value=Decimal("5.50"))
    seen = Inspection(id="JC1", kind="x", on=date(2025, 3, 1), measures=(measure,))
    facts = Facts(
        institution="NB-1",
        kind="培训机构",
        opened_on=date(2020, 1, 1),
        inspections=(seen,),
        records=(
            Record(
                id="WT1",
                kind="finding",
                code="A02",
                seen_on=date(2025, 3, 1),
                extent=3,
                case="案1",
                inspection="JC1",
                statement="虚假宣传",
                events=events,
            ),
            Record(
                id="AJ1",
                kind="decision",
                code="D02",
                seen_on=date(2025, 3, 1),
                case="案1",
                events=final,
            ),
            Record(
                id="BZ1",
                kind="commendation",
                code="B02",
                seen_on=date(2025, 5, 1),
                events=(Event(state=State.CONFIRMED, on=date(2025, 5, 2)),),
            ),
        ),
        listings=(
            Listing(
                id="MD1",
                list="black",
                ground="F05",
                reason="恶意停业",
                document_no="信1",
                organ="宁波市教育局",
                article="第十七条",
                decided_on=date(2026, 1, 5),
                effective_on=date(2026, 1, 9),
                until=date(2027, 1, 4),
                ended_on=date(2026, 8, 1),
                ended_because="信用修复",
                disputed=True,
            ),
        ),
        registrations=(Term(number="登1", since=date(2020, 1, 1)),),
    )
    file = CreditFile(
        institution="NB-1",
        name="现名",
        names=(
            NameRecord(kind="legal", text="旧名", since=date(2020, 1, 1), until=date(2024, 1, 1)),
            NameRecord(kind="legal", text="现名", since=date(2024, 1, 2)),
        ),
        jurisdiction="330203",
        code=p.CODE,
        addresses=("甲路 1 号", "乙路 2 号"),
        legal_representative="张三",
        organ="330203教育局",
        facts=facts,
        replies=(ReplyRecord(record="WT1", on=date(2025, 3, 9), text="已改正"),),
    )
    with writing(engine) as session:
        places(session, {"330203"})
        acts.bulk_credit_files(
            session, [file], source=SOURCE, officers=OFFICERS, by=p.QIAN, now=p.NOW
        )
        got = queries.credit_file(session, "NB-1", ON)
        assert sorted_facts(got.facts) == sorted_facts(file.facts)
        assert msgspec.structs.replace(got, facts=file.facts) == file
        before = queries.facts_of(session, "NB-1", date(2025, 3, 15))
        assert [one.state for one in before.records[0].events][-1] == State.DISPUTED
        assert before.listings == ()


def test_many_institutions_are_registered_in_one_entry(engine: Engine) -> None:
    sheet = {"jurisdiction": "330203", "opened_on": "2020-01-01", "address": "甲路"}
    forms = [read_form(InstitutionForm, {**sheet, "name": f"学校{n}"}) for n in range(300)]
    with writing(engine) as session:
        places(session, {"330203"})
        ids = acts.bulk_register(session, forms, source=SOURCE, by=p.QIAN, now=p.NOW, prefix="NB")
        assert len(set(ids)) == 300
        assert queries.credit_file(session, ids[7], ON).name == "学校7"
        assert p.institution(session) not in ids
        assert queries.taken_in(session, "institutions", SOURCE.digest)
        assert not queries.taken_in(session, "institutions", "e" * 64)


def test_a_code_held_twice_is_refused_before_anything_is_written(engine: Engine) -> None:
    sheet = {"jurisdiction": "330203", "opened_on": "2020-01-01", "code": p.CODE}
    forms = [read_form(InstitutionForm, {**sheet, "name": name}) for name in ("甲", "乙")]
    with writing(engine) as session:
        places(session, {"330203"})
        with pytest.raises(Conflict, match=p.CODE):
            acts.bulk_register(session, forms, source=SOURCE, by=p.QIAN, now=p.NOW, prefix="NB")
        elsewhere = read_form(InstitutionForm, {**sheet, "name": "甲", "jurisdiction": "9"})
        with pytest.raises(NotFound, match="区划"):
            acts.bulk_register(
                session, [elsewhere], source=SOURCE, by=p.QIAN, now=p.NOW, prefix="NB"
            )
        assert queries.institutions(session, ON) == []


def test_a_ledger_taken_in_twice_changes_nothing(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visits = [
            read_form(
                InspectionSheet,
                {"key": f"2019-{n:06d}", "institution": id, "kind": "年检", "on": "2019-05-01"},
            )
            for n in range(3)
        ]
        past = {
            "institution": id,
            "code": "S01",
            "seen_on": "2019-05-01",
            "heard_on": "2019-05-07",
            "confirmed_on": "2019-05-08",
            "ordered_on": "2019-05-09",
            "due_on": "2019-06-09",
            "document_no": "改1",
            "passed_on": "2019-06-01",
            "id": "T-1",
        }
        findings = [read_form(PastFindingSheet, past)]
        cover = {
            "institution": id,
            "cover_class": "premises",
            "insurer": "示例",
            "policy_no": "P1",
            "since": "2019-01-01",
            "until": "2019-12-31",
        }
        covers = [read_form(CoverSheet, cover)]
        for _ in range(2):
            ids = acts.bulk_inspections(session, visits, source=SOURCE, by=p.QIAN, now=p.NOW)
            acts.bulk_findings(session, findings, source=SOURCE, by=p.QIAN, now=p.NOW)
            acts.bulk_covers(session, covers, source=SOURCE, by=p.QIAN, now=p.NOW)
        assert len(set(ids)) == 3
        assert len(queries.ledger_entries(session, act="bulk_register")) == 3
        facts = queries.facts_of(session, id, ON)
        assert len(facts.inspections) == 3
        assert len(facts.covers) == 1
        (record,) = facts.records
        assert [one.state for one in record.events] == [
            State.DISCOVERED,
            State.CONFIRMED,
            State.ORDERED,
            State.PASSED,
        ]
        with pytest.raises(
            FormRefused, match="确认日期 2019-04-01 早于听取陈述申辩日期 2019-05-07"
        ):
            read_form(PastFindingSheet, {**past, "id": "T-2", "confirmed_on": "2019-04-01"})
