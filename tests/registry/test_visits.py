"""A visit is recorded whole and once; its files belong where their items put them, and only some may see them."""

import io
from datetime import UTC
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import Engine
from sqlmodel import Session

from registry import acts, queries
from registry.database import writing
from registry.errors import Conflict, FormRefused, NotAllowed, NotFound, read_form
from registry.forms import AccountForm, FileForm, JurisdictionForm, RecusalForm, VisitSheet
from registry.uploads import Kept, keep
from tests.registry import people as p


def photo(shade: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 20), (shade, 0, 0)).save(out, "JPEG")
    return out.getvalue()


def sheet(institution: str, **changed: Any) -> VisitSheet:
    filled = {
        "key": "phone-visit-1",
        "institution": institution,
        "kind": "双随机检查",
        "on": "2026-03-02",
        **p.TWO,
        "present": "林校长",
        "statement": "当场整改",
        "checklist": "X-1",
        "policy": "NB-2026-1",
        "answers": [
            {"item": "XF-1", "answer": "不符合", "note": "课桌"},
            {"item": "XF-2", "answer": "不符合"},
            {"item": "ZZ-1", "answer": "符合"},
        ],
        "findings": [
            {"item": "XF-1", "code": "S01", "seen_on": "2026-03-02", "statement": "通道堆放课桌"},
            {"item": "XF-2", "code": "S01", "seen_on": "2026-03-02", "statement": "灭火器过期"},
        ],
        "files": [
            {"sha256": sha256(photo(1)).hexdigest(), "item": "XF-2", "name": "灭火器.jpg"},
            {"sha256": sha256(photo(2)).hexdigest(), "item": "ZZ-1", "name": "许可证.jpg"},
        ],
        **changed,
    }
    return read_form(VisitSheet, filled)


def record(session: Session, form: VisitSheet) -> Any:
    return acts.record_visit(session, form, by=p.WANG, now=p.NOW)


def kept(folder: Path, content: bytes) -> Kept:
    return keep(folder, content, "files", UTC)


def test_a_visit_sent_twice_is_one_visit_with_one_finding_for_each_fault(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        first = record(session, sheet(id))
        entries = len(queries.ledger_entries(session))
        again = record(session, sheet(id))
        assert (again.id, again.matters, again.fresh) == (first.id, first.matters, False)
        assert len(queries.ledger_entries(session)) == entries
        seen = queries.visit(session, first.id)
        assert [one.id for one in seen.matters] == list(first.matters)
        assert {one.item: one.answer for one in seen.answers} == {
            "XF-1": "不符合",
            "XF-2": "不符合",
            "ZZ-1": "符合",
        }
        assert (seen.present, seen.checklist) == ("林校长", "X-1")
        assert queries.matter(session, first.matters[1]).content["statement"] == "灭火器过期"


@pytest.mark.parametrize(
    "changed",
    [
        {"answers": [{"item": "ZZ-1", "answer": "不适用"}]},
        {"findings": []},
        {"files": []},
        {"statement": "不同意"},
    ],
)
def test_the_same_key_with_another_content_is_a_conflict_that_changes_nothing(
    engine: Engine, changed: dict[str, Any]
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        first = record(session, sheet(id))
        with pytest.raises(Conflict, match="内容却不同") as refused:
            record(session, sheet(id, **changed))
        assert getattr(refused.value, "visit", "") == first.id
        other = record(session, sheet(id, key="phone-visit-2", **changed))
        assert other.id != first.id


def test_a_fault_that_is_refused_leaves_no_visit(engine: Engine) -> None:
    wrong = [{"code": "S01", "seen_on": "2026-03-02", "occurred_on": "2026-03-03"}]

    def attempt() -> None:
        with writing(engine) as session:
            record(session, sheet(p.city(session), findings=wrong))

    with pytest.raises(FormRefused, match="发生日期"):
        attempt()
    with writing(engine) as session:
        assert queries.inspections(session) == []


def test_a_fault_says_which_record_it_corrects_and_a_wrong_number_is_named_with_its_fault(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        first = record(session, sheet(id))
        assert "corrects" not in queries.ledger_entries(session, act="record_inspection")[0].body
        wrong = {"code": "S01", "seen_on": "2026-03-02", "corrects": "WT2026-999999"}
        with pytest.raises(FormRefused) as refused:
            record(session, sheet(id, key="phone-visit-2", findings=[wrong, wrong]))
        fields = [one.field for one in refused.value.problems]
        assert fields == ["findings.0.corrects", "findings.1.corrects"]
        right = [wrong | {"corrects": first.matters[0]}]
        better = record(session, sheet(id, key="phone-visit-3", findings=right))
        assert queries.matter(session, better.matters[0]).content["corrects"] == first.matters[0]
        assert not record(session, sheet(id, key="phone-visit-3", findings=right)).fresh


def test_an_officer_who_must_keep_away_records_no_visit(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        form = AccountForm(id="wang", name="王检查", password="x" * 12, role="inspector")
        acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        away = {"officer": "wang", "institution": id, "reason": "近亲属任职", "since": "2026-01-01"}
        acts.record_recusal(session, read_form(RecusalForm, away), by=p.LI, now=p.NOW)
        with pytest.raises(FormRefused, match="回避"):
            record(session, sheet(id))
        early = sheet(id, on="2025-12-31", findings=[])
        assert record(session, early).fresh


def test_files_follow_their_visit_once_each_and_go_to_the_finding_of_their_item(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        visit = record(session, sheet(id))
        by: dict[str, Any] = {"by": p.WANG, "now": p.NOW}
        one, other = kept(tmp_path, photo(1)), kept(tmp_path, photo(2))
        assert acts.attach_to_visit(session, visit.id, one, **by)
        assert not acts.attach_to_visit(session, visit.id, one, **by)
        assert acts.attach_to_visit(session, visit.id, other, **by)
        with pytest.raises(NotFound, match="附件"):
            acts.attach_to_visit(session, visit.id, kept(tmp_path, photo(3)), **by)
        files = queries.visit(session, visit.id).files
        assert [(file.about, file.name) for file in files] == [
            (visit.matters[1], "灭火器.jpg"),
            (visit.id, "许可证.jpg"),
        ]
        assert [file.sha256 for file in files] == [one.sha256, other.sha256]


def test_a_file_is_shown_only_to_those_who_may_see_what_it_belongs_to(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        far = {"id": "330205", "name": "江北区", "since": "2016-09-14"}
        acts.register_jurisdiction(session, read_form(JurisdictionForm, far), by=p.ADMIN, now=p.NOW)
        for account, place in (("wang", "330203"), ("far", "330205")):
            form = AccountForm(
                id=account,
                name=account,
                password="x" * 12,
                role="inspector",
                jurisdiction=place,
            )
            acts.create_account(session, form, by=p.ADMIN, now=p.NOW)
        visit = record(session, sheet(id, findings=[], answers=[]))
        acts.attach_to_visit(session, visit.id, kept(tmp_path, photo(1)), by=p.WANG, now=p.NOW)
        own = FileForm(sha256=sha256(photo(4)).hexdigest(), name="自查.jpg")
        acts.attach(session, visit.id, id, own, kept(tmp_path, photo(4)), by=p.SCHOOL, now=p.NOW)
        seen, sent = queries.visit(session, visit.id).files
        assert acts.attachment_for(session, seen.id, by=p.WANG, now=p.NOW).sha256 == seen.sha256
        stranger = acts.Actor(account="far", role="inspector")
        with pytest.raises(NotAllowed):
            acts.attachment_for(session, seen.id, by=stranger, now=p.NOW)
        with pytest.raises(NotAllowed, match="自己上传"):
            acts.attachment_for(session, seen.id, by=p.SCHOOL, now=p.NOW)
        assert acts.attachment_for(session, sent.id, by=p.SCHOOL, now=p.NOW).name == "自查.jpg"
        with pytest.raises(NotFound):
            acts.attachment_for(session, 99, by=p.WANG, now=p.NOW)


def test_bytes_that_are_not_those_the_record_names_are_refused(
    engine: Engine, tmp_path: Path
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        form = FileForm(sha256="0" * 64)
        with pytest.raises(FormRefused, match="摘要"):
            acts.attach(session, "JC1", id, form, kept(tmp_path, photo(1)), by=p.WANG, now=p.NOW)
    with pytest.raises(FormRefused, match="摘要"):
        read_form(FileForm, {"sha256": "../../etc/passwd"})


def test_a_second_visit_of_the_day_by_the_same_person_is_kept_and_the_reviewers_are_told(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        account = {"id": "sun", "name": "孙审核", "password": "long-enough-1", "role": "reviewer"}
        acts.create_account(session, read_form(AccountForm, account), by=p.ADMIN, now=p.NOW)

        def told() -> list[str]:
            return [one.subject for one in queries.notices(session, account="sun")]

        first = acts.record_visit(session, sheet(id), by=p.WANG, now=p.NOW)
        strangers = {"first_officer": "钱甲", "second_officer": "周乙"}
        acts.record_visit(session, sheet(id, key="phone-visit-3", **strangers), by=p.LI, now=p.NOW)
        acts.record_visit(
            session, sheet(id, key="phone-visit-4", on="2026-03-03"), by=p.WANG, now=p.NOW
        )
        assert told() == []
        second = acts.record_visit(session, sheet(id, key="phone-visit-2"), by=p.WANG, now=p.NOW)
        assert second.fresh
        assert told() == [f"检查 {second.id} 可能和 {first.id} 重复"]
        # What is sent again is the same visit, and no news.
        assert not acts.record_visit(
            session, sheet(id, key="phone-visit-2"), by=p.WANG, now=p.NOW
        ).fresh
        assert len(told()) == 1
