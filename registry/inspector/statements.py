"""What the office owes on paper: the impact assessment and the accessibility statement, filled in as far as known.

Both are pages to be completed by a person, printed and signed; what is typed is kept by nobody but the paper.
Sources: 个人信息保护法 第五十五条、第五十六条; 无障碍环境建设法 第三十二条.
"""

from typing import Any

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from registry import queries
from registry.database import reading
from registry.faces.desk import Visit, office_of, page, person_of
from registry.procedure import ROLES
from registry.queries import HeldOfPersons
from registry.retention import TERMS
from scoring import Policy

PURPOSE = "教育行政部门履行监督管理职责所必需（个人信息保护法第十三条第一款第三项、第三十四条）"


class Activity(Struct, frozen=True, kw_only=True):
    """One kind of personal data that is handled: whose, what, who sees it, on what ground, and how many are held."""

    whose: str
    what: str
    seen_by: str
    basis: str = PURPOSE
    many: str = ""


def activities(held: HeldOfPersons) -> tuple[Activity, ...]:
    """Every kind of personal data of the register, with its number today."""
    return (
        Activity(
            whose="法定代表人、负责人",
            what="姓名",
            seen_by="公众（随机构登记事项公开）",
            many=f"{held.representatives:,} 家机构",
        ),
        Activity(
            whose="机构从业人员",
            what="姓名、岗位、任教科目、教师资格",
            seen_by="公众（机构自己公示、本局审核的）；其余只有本机构和承办人",
            many=f"{held.staff:,} 条",
        ),
        Activity(
            whose="机构联系人",
            what="电话、电子邮箱等联系方式",
            seen_by="公众（机构选定对外公开的）；其余只有承办人，每次查阅都记录",
            many=f"{held.contacts:,} 条",
        ),
        Activity(
            whose="预收费监管专户的开户机构",
            what="银行账号（可以不填）",
            seen_by="承办人，每次查阅都写明用途并记录；不公开，也不进台账",
            many=f"{held.bank_accounts:,} 个",
        ),
        Activity(
            whose="投诉举报人",
            what="联系方式（可以不填）",
            seen_by="承办人，每次查阅都记录；不告知被投诉的机构",
            many=f"{held.complainants:,} 件",
        ),
        Activity(
            whose="检查、审核、决定的人员",
            what="姓名、经办事项、现场签名",
            seen_by="承办人和相关机构；不公开",
            many=f"{held.accounts:,} 个在用账户",
        ),
        Activity(
            whose="账户持有人",
            what="账户名、电子邮箱、登录时间和网络地址",
            seen_by="本人、管理员、审计员",
            basis="网络安全法：网络日志留存不少于六个月；个人信息保护法第十三条第一款第三项",
            many=f"{held.accounts:,} 个在用账户，其中 {held.second:,} 个设有两步验证",
        ),
        Activity(
            whose="现场照片和附件里可能出现的人",
            what="影像",
            seen_by="承办人和相关机构；不公开；原件作为证据保存",
            many=f"{held.attachments:,} 个文件",
        ),
        Activity(
            whose="订阅变化通知的人",
            what="联系人和联系方式",
            seen_by="市级发布员、管理员",
            basis="订阅人自行提供（个人信息保护法第十三条第一款第一项）",
            many=f"{held.subscriptions:,} 个在用订阅",
        ),
    )


@get("/desk/operations/impact", opt={"needs": "watch_operations"}, sync_to_thread=True)
def impact(request: Visit) -> Response[Any]:
    """The impact assessment of personal information, filled in with what the register knows today."""
    office = office_of(request)
    now = office.now()
    with reading(office.engine) as session:
        held = queries.held_of_persons(session, now)
    policy = office.policy(now.date())
    return page(
        request,
        "impact.html",
        person=person_of(request),
        here="operations",
        held=held,
        activities=activities(held),
        roles=[(word, held.roles.get(role, 0)) for role, word in ROLES.items()],
        terms=TERMS,
        policy=policy,
        automated=_automated(policy),
        backup=office.watch().backup_age,
        sign_on=office.sign_on is not None,
    )


@get("/desk/operations/accessibility", opt={"needs": "watch_operations"}, sync_to_thread=True)
def accessibility(request: Visit) -> Response[Any]:
    """The accessibility statement, filled in with what this version was tested for."""
    return page(request, "accessibility.html", person=person_of(request), here="operations")


STATEMENT_ROUTES: list[HTTPRouteHandler] = [impact, accessibility]


def _automated(policy: Policy) -> list[tuple[str, int]]:
    """What the rating is computed from."""
    return [
        ("等级", len(policy.bands)),
        ("计分指标", len(policy.indicators)),
        ("白名单条件", len(policy.white)),
    ]
