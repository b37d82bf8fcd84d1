"""Examples of what the API answers, made of the same values, so that they cannot go out of date."""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from publisher.changes import Change
from publisher.edition import Entry, Jurisdiction, Manifest, Name
from publisher.figures import LISTS, Figure
from publisher.site import api_values as values
from publisher.site.refusals import Fault, Problem
from scoring.canonical import canonical
from scoring.facts import Facts, Term
from scoring.rating import Condition, Lasting, Reference

ID, NAME = "NB-014E-T", "宁波市余姚市示例篮球培训学校"
DIGEST = "7f3a91c25e04b8d6" * 4
REFERENCE = Reference(document="宁波市民办教育机构信用管理办法（示例）", article="第八条")
REF = values.EditionRef(
    name="2026-11",
    label="2026年11月版",
    cut_off=date(2026, 10, 31),
    released_on=date(2026, 11, 4),
    digest=DIGEST,
)
MANIFEST = Manifest(
    city="ningbo",
    title="宁波市民办学校和校外培训机构信用名单",
    organ="宁波市教育局",
    fictional=True,
    period="2026-11",
    number=0,
    cut_off=REF.cut_off,
    released_on=REF.released_on,
    program=DIGEST,
    policy="NB-2026-1",
    policy_digest=DIGEST,
    jurisdictions=(Jurisdiction(id="330281", name="余姚市", organ="余姚市教育局"),),
    counts={"white": 1410, "watch": 110, "black": 86, "none": 418, "new": 88},
    root=DIGEST,
    previous=DIGEST,
)
ENTRY = Entry(
    institution=ID,
    name=NAME,
    names=(Name(kind="legal", text=NAME, since=date(2021, 9, 1)),),
    jurisdiction="330281",
    code="52330281MJ00168617",
    licence_no="教民133028170001号",
    addresses=("宁波市余姚市环城路92号2层",),
    organ="余姚市教育局",
    facts=Facts(
        institution=ID,
        kind="培训机构",
        subject="体育",
        mode="线下",
        opened_on=date(2021, 9, 1),
        licences=(
            Term(number="教民133028170001号", since=date(2021, 9, 1), until=date(2029, 8, 31)),
        ),
    ),
    rating=Lasting(
        institution=ID,
        policy="NB-2026-1",
        grade="A",
        score=Decimal(100),
        base=Decimal(100),
        status="white",
        conditions=(
            Condition(
                code="licence",
                title="办学许可证有效",
                met=True,
                sentence="办学许可证有效至 2029年8月31日。",
                reference=REFERENCE,
            ),
        ),
    ),
    salt=DIGEST,
)
LINE = values.InstitutionLine(
    id=ID,
    name=NAME,
    jurisdiction="330281",
    code="52330281MJ00168617",
    address="宁波市余姚市环城路92号2层",
    kind="培训机构",
    subject="体育",
    status="white",
    grade="A",
    score="100",
)
HIT = values.FoundLine(
    id=ID,
    name=NAME,
    jurisdiction="330281",
    code="52330281MJ00168617",
    address="宁波市余姚市环城路92号2层",
    status="white",
    why="",
    found="",
)
CHANGE = Change(
    kind="changed",
    institution=ID,
    name=NAME,
    jurisdiction="330281",
    before="none A",
    after="white A",
    why="白名单条件都符合",
)
FIGURE = Figure(
    name="districts",
    title="各区域的名单",
    note="按主管区域，功能区单列。",
    shape="stack",
    columns=("区域", *LISTS, "合计"),
    rows=(("余姚市", 180, 12, 9, 60, 12, 273),),
)
ANSWERS: dict[str, Any] = {
    "Search": values.Search(
        edition=REF,
        query="余姚 示例",
        total=1,
        more=False,
        alike=0,
        guessed=False,
        near=False,
        items=(HIT,),
    ),
    "Institutions": values.Institutions(edition=REF, items=(LINE,), next=None),
    "Institution": values.Institution(
        edition=REF,
        past=False,
        headline="在白名单内",
        sentence="截至 2026年10月31日，本机构列入白名单，信用等级 A 级。",
        means_not="这不表示教学质量有保证，也不为您预付的学费作担保。名单每月更新一次，以最新一版为准。",
        alerts=(),
        entry=msgspec.Raw(canonical(ENTRY)),
    ),
    "History": values.History(
        institution=ID,
        items=(
            values.HistoryLine(
                edition="2026-11",
                released_on=REF.released_on,
                status="white",
                grade="A",
                score="100",
            ),
        ),
        next="WyIyMDI2LTExIl0",
    ),
    "Editions": values.Editions(
        items=(values.EditionLine(edition=REF, policy="NB-2026-1", counts=MANIFEST.counts),),
        next=None,
    ),
    "EditionWhole": values.EditionWhole(edition=REF, manifest=MANIFEST),
    "ChangesSince": values.ChangesSince(
        since="2026-10",
        until="2026-11",
        items=(values.ChangeLine(edition="2026-11", released_on=REF.released_on, change=CHANGE),),
        next=None,
    ),
    "Statistics": values.Statistics(edition=REF, figures=(FIGURE,)),
}
BAD = Problem(
    title="这个请求办不了",
    status=400,
    detail="参数“as_of”请写成 2026-11-05 这样的日期。",
    faults=(
        Fault(name="as_of", value="5.11.2026", detail="参数“as_of”请写成 2026-11-05 这样的日期。"),
    ),
)
MISSING = Problem(
    title="没有这一页",
    status=404,
    detail="2026年11月版里没有编号“NB-0000-0”。请查编号是否写对。",
)
SLOW = Problem(title="查询太频繁", status=429, detail="查询太频繁，请 3 秒后再试。")
NONE_YET = Problem(
    title="还没有发布名单", status=503, detail="还没有发布过名单，第一期发布以后就能查询。"
)


def example(name: str) -> Any:
    """An answer as plain JSON values."""
    return msgspec.json.decode(msgspec.json.encode(ANSWERS[name]))
