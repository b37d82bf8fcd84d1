"""Whoever may be registered already is found, and two districts' namesakes are left alone."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from registry import acts
from registry.alike import Words
from registry.database import writing
from registry.errors import read_form
from registry.forms import JurisdictionForm, NameForm
from registry.queries.duplicates import (
    BUILDING,
    CODE,
    CORE,
    FORMER,
    NAME,
    NUMBER,
    PLACE,
    SOUND,
    Alikes,
    Described,
)
from tests.registry import people as p

ON = date(2026, 11, 24)
WORDS = Words(
    places=("宁波市", "宁波", "海曙区", "鄞州区"), endings=("有限公司", "培训学校", "培训中心")
)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"name": "别的", "code": p.CODE.lower()}, (CODE,)),
        ({"name": "别的", "numbers": ("教民 1",)}, (NUMBER,)),
        ({"name": "宁波晨曦艺术培训学校", "jurisdiction": "330212"}, (NAME,)),
        ({"name": "寧波晨曦藝術培訓學校"}, (NAME,)),
        ({"name": "宁波市海曙区晨光艺术培训学校"}, (FORMER,)),
        ({"name": "宁波市海曙区晨曦艺术有限公司"}, (CORE,)),
        ({"name": "晨曦艺术（宁波）培训中心"}, (CORE,)),
        ({"name": "宁波市鄞州区晨曦艺术有限公司", "jurisdiction": "330212"}, ()),
        ({"name": "宁波晨夕艺术培训学校"}, (SOUND,)),
        ({"name": "宁波晨曦艺术陪训学校"}, (SOUND,)),
        ({"name": "无关", "address": "宁波市海曙区中山西路一号"}, (PLACE,)),
        ({"name": "无关", "address": "鄞州区中山西路1号"}, ()),
        ({"name": "宁波晨曜艺术培训学校", "address": "中山西路1号3层"}, (BUILDING,)),
        ({"name": "宁波朝阳美术培训学校", "address": "中山西路1号3层"}, ()),
        ({"name": "", "address": "", "code": ""}, ()),
    ],
)
def test_each_likeness_is_found_and_named(
    engine: Engine, asked: dict[str, Any], why: tuple[str, ...]
) -> None:
    with writing(engine) as session:
        id = p.city(session, code=p.CODE, licence_no="教民1")
        form = NameForm(kind="legal", text="宁波晨曦艺术培训学校", since=date(2026, 6, 1))
        acts.rename(session, id, form, by=p.QIAN, now=p.NOW)
        alikes = Alikes(session, ON, WORDS)
        asked = {"jurisdiction": "330203", "address": "", **asked}
        described = Described(
            names=(asked["name"],),
            jurisdiction=asked["jurisdiction"],
            addresses=(asked["address"],),
            code=asked.get("code", ""),
            numbers=asked.get("numbers", ()),
        )
        found = alikes.find(described)
        assert [(one.id, one.why) for one in found] == ([(id, why)] if why else [])
        assert alikes.find(described, but=id) == []


def test_the_likeliest_comes_first_with_all_its_reasons(engine: Engine) -> None:
    with writing(engine) as session:
        p.city(session, name="无关", address="海曙区中山西路1号")
        place = {"id": "330212", "name": "鄞州区", "since": "2016-09-14"}
        acts.register_jurisdiction(
            session, read_form(JurisdictionForm, place), by=p.ADMIN, now=p.NOW
        )
        same = p.institution(session, name="晨光艺术", jurisdiction="330212")
        asked = Described(
            names=("晨光艺术",), jurisdiction="330203", addresses=("海曙区中山西路1号",)
        )
        first, second = Alikes(session, ON, WORDS).find(asked)
        assert (first.id, first.why) == (same, (NAME, PLACE))
        assert second.why == (PLACE,)
