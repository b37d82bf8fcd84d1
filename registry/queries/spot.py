"""Penalties decided on the spot: what is in force over a finding, and what the party was told of one."""

import re
from datetime import date

from msgspec import Struct
from sqlmodel import Session, col, select

from registry.queries.files import profile_on
from registry.queries.matters import MatterSheet
from registry.queries.terms import states_until_now
from registry.tables import CaseFinding, Matter, Profile, SpotPenalty, Step
from scoring import Policy

# 行政处罚法 第五十一条: the most that may be fined on the spot, in fen.
MOST_OF_A_BODY = 300_000
MOST_OF_A_CITIZEN = 20_000
MADE = ("warned", "fined")
# Over what the facts are certain: it is recorded with its evidence and has not been set aside.
STANDING = ("discovered", "heard", "confirmed", "ordered", "passed", "failed")
_BUREAU = re.compile(r"(?P<place>.+[市区县旗])教育.*局")
# These have no people's government of their own; who governs them is not to be read off a name.
_ZONE = re.compile(r"开发|高新|新区|园区|度假|管理区|合作区|示范区")
_ARTICLE = re.compile(r"第[一二三四五六七八九十百零〇0-9]+条")
NOT_PUBLISHED = (
    "依照《浙江省公共信用信息管理条例》第十一条第二款，适用简易程序作出的行政处罚不作为不良信息；"
    "国办发〔2025〕22号规定，轻微失信信息可以不予公示。所以这件当场处罚不计分，不公示，"
    "不影响信用等级和名单，也不需要申请信用修复。"
)


class Limit(Struct, frozen=True, kw_only=True):
    """The most that may be fined on the spot, in fen, and of whom that holds."""

    fen: int
    whom: str

    @property
    def words(self) -> str:
        """The limit in one clause."""
        return f"对{self.whom}当场罚款最多 {self.fen // 100:,} 元"


class SpotPaper(Struct, frozen=True, kw_only=True):
    """Everything that stands on the decision that was handed over."""

    matter: str
    institution: str
    finding: str
    on: date
    document_no: str
    organ: str
    officers: tuple[str, str]
    place: str
    statement: str
    article: str
    kinds: str
    fine_fen: int
    heard: str
    receiver: str
    refusal: str


def review_organ(organ: str) -> str:
    """Who hears a review of what an organ decided, 行政复议法 第二十四条: the government it is a department of."""
    bureau = _BUREAU.fullmatch(organ)
    if bureau is None or _ZONE.search(bureau["place"]):
        return f"{organ}所属的本级人民政府"
    return f"{bureau['place']}人民政府"


def spot_on(session: Session, finding: str) -> str:
    """The penalty on the spot in force over a finding; empty if there is none."""
    query = select(SpotPenalty.matter).where(SpotPenalty.finding == finding)
    for matter in session.exec(query.order_by(SpotPenalty.matter)).all():
        if states_until_now(session, matter)[-1] != "annulled":
            return matter
    return ""


def case_over(session: Session, finding: str) -> str:
    """The penalty case of the ordinary procedure a finding is in; empty if there is none."""
    query = (
        select(CaseFinding.penalty)
        .join(Matter, col(Matter.id) == col(CaseFinding.penalty))
        .where(CaseFinding.finding == finding, Matter.kind == "penalty")
    )
    for case in session.exec(query.order_by(col(CaseFinding.penalty))).all():
        if states_until_now(session, case)[-1] not in ("dropped", "annulled"):
            return case
    return ""


def may_be_punished(session: Session, sheet: MatterSheet) -> bool:
    """Whether a matter is a finding over which nothing has been punished yet."""
    line = sheet.line
    if line.kind != "finding" or line.state not in STANDING:
        return False
    return not spot_on(session, line.id) and not case_over(session, line.id)


def spots_made(session: Session, first: date, last: date) -> int:
    """How many were made between two days, both included, and not annulled since."""
    query = (
        select(Step.matter)
        .join(Matter, col(Matter.id) == col(Step.matter))
        .where(Matter.kind == "spot", col(Step.state).in_(MADE), Step.on >= first, Step.on <= last)
    )
    made = session.exec(query).all()
    return sum(states_until_now(session, one)[-1] != "annulled" for one in made)


def spot_limit(session: Session, institution: str, on: date) -> Limit:
    """The limit for whoever this is.

    Of a natural person and of a trader (个体工商户), whom not every organ takes for a body, it is the
    citizen's: what goes beyond it takes the ordinary procedure, which is never wrong.
    """
    rows = session.exec(select(Profile).where(Profile.institution == institution)).all()
    profile = profile_on(rows, on)
    form = profile.legal_form if profile else ""
    if form == "个人" or "自然人" in form or "个体" in form:
        return Limit(fen=MOST_OF_A_CITIZEN, whom="公民（含个体工商户）")
    return Limit(fen=MOST_OF_A_BODY, whom="法人或者其他组织")


def known_articles(policy: Policy) -> list[str]:
    """Every article of a law or a rule that the policy names, as it is written on a paper.

    Other official papers have no articles and may found no penalty (行政处罚法 第十六条).
    """
    found = [
        f"《{one.document}》{one.article}"
        for rule in policy.by_code.values()
        for one in (rule.reference, *rule.also)
        if _ARTICLE.match(one.article)
    ]
    return list(dict.fromkeys(found))


def spot_numbered(session: Session, document_no: str) -> str:
    """The penalty on the spot that bears a number already; empty if none does."""
    query = (
        select(Step.matter)
        .join(Matter, col(Matter.id) == col(Step.matter))
        .where(Matter.kind == "spot", Step.document_no == document_no, col(Step.state).in_(MADE))
    )
    return session.exec(query.limit(1)).first() or ""


def spot_paper(session: Session, matter: str) -> SpotPaper | None:
    """What stands on the decision; None where the matter is no penalty on the spot."""
    row = session.get(SpotPenalty, matter)
    if row is None:
        return None
    query = select(Step).where(Step.matter == matter, col(Step.state).in_(MADE))
    made = session.exec(query.order_by(col(Step.seq)).limit(1)).one()
    return SpotPaper(
        matter=matter,
        institution=session.get_one(Matter, matter).institution,
        finding=row.finding,
        on=made.on,
        document_no=made.document_no,
        organ=made.organ,
        officers=(made.first_officer, made.second_officer),
        place=row.place,
        statement=row.statement,
        article=row.article,
        kinds=row.kinds,
        fine_fen=row.fine_fen,
        heard=row.heard,
        receiver=row.receiver,
        refusal=row.refusal,
    )
