"""A natural person who teaches without a licence is on no public page, file or call by their full name."""

from datetime import date

import pytest
from sqlalchemy import Engine

from publisher.persons import public_name
from registry import acts
from registry.database import writing
from registry.errors import read_form
from registry.forms import NameForm
from tests.publisher.test_freeze import frozen
from tests.registry import people as p


@pytest.mark.parametrize(
    ("name", "form", "told"),
    [
        ("欧阳建国", "自然人", "欧阳某"),
        ("王小明", "个人", "王某"),
        ("阿依古丽·买买提", "自然人", "阿某"),
        ("王某", "自然人", "王某"),
        ("塘溪镇无证培训点", "自然人", "塘溪镇无证培训点"),
        ("王小明", "个体工商户", "王小明"),
        ("宁波市海曙区晨光艺术培训学校", "非营利", "宁波市海曙区晨光艺术培训学校"),
    ],
)
def test_only_a_persons_own_name_is_hidden(name: str, form: str, told: str) -> None:
    assert public_name(name, form) == told


def test_a_listed_person_is_a_surname_in_the_edition_and_in_what_it_tells_of_the_removal(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session, name="欧阳建国", legal_form="自然人", opened_on="2026-01-01")
        brand = {"kind": "brand", "text": "欧阳家教", "since": "2026-01-01"}
        acts.rename(session, id, read_form(NameForm, brand), by=p.QIAN, now=p.NOW)
        decided = p.penalty(session, id, p.finding(session, id))
        listing = p.listed(session, id, decided, list="watch", months=6)
        (entry,) = frozen(session, 11).entries
        assert entry.rating.status == "watch"
        assert (entry.name, entry.legal_representative) == ("欧阳某", "")
        assert [one.text for one in entry.names] == ["欧阳某", "欧阳家教"]
        papers = {"document_no": "甬教信移〔2026〕1号", "reason": "已经停办"}
        p.step(session, listing, "lift", p.ZHAO, "2026-11-20", **papers)
        after = frozen(session, 11)
        assert [(one.name, one.on) for one in after.removals] == [("欧阳某", date(2026, 11, 20))]
    assert not any("建国".encode() in line for line in after.lines)
