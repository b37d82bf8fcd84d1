"""How long what is kept (保存期限): one table that a lawyer can read; the daily run erases by it.

The term of a class runs from the date of the event that ended its use, never from the date of a run. What
has no term is kept: it belongs to the record of the office (档案法).
"""

from datetime import date, datetime, time, timedelta

from msgspec import Struct

from scoring.rules import months_after

LOGS = "网络安全法：网络日志留存不少于六个月"
OVER = "个人信息保护法第四十七条：处理目的已实现或者保存期限已届满的，应当删除"
ASSESSED = "个人信息保护法第五十六条：个人信息保护影响评估报告和处理情况记录至少保存三年"
QUERIES = "浙江省公共信用信息管理条例第二十条：查询记录保存十年（本局照此执行）"
OWN = "本局内部期限"
RECORDS = "档案法：作为档案保存，移交市档案馆"


class Term(Struct, frozen=True, kw_only=True):
    """One class of what is kept: from when its term runs, how long, and what is done when it is over.

    `months` or `days` is the term; with neither it is kept. `least` are the months the law asks for at least.
    """

    key: str
    what: str
    since: str
    months: int = 0
    days: int = 0
    least: int = 0
    then: str = ""
    basis: tuple[str, ...]

    @property
    def ends(self) -> bool:
        """Whether it is erased some day."""
        return bool(self.months or self.days)

    def cut(self, today: date) -> date:
        """The last day whose term is over on a day: what happened later is still within its term."""
        if self.days:
            return today - timedelta(days=self.days + 1)
        # Two ends of months may lie before the same end of a shorter one; the earlier day errs by keeping.
        day = months_after(today, -self.months)
        while months_after(day, self.months) >= today:
            day -= timedelta(days=1)
        return day

    def cut_at(self, now: datetime) -> datetime:
        """The instant at which that day ends, 24:00 where the office is."""
        after = self.cut(now.date()) + timedelta(days=1)
        return datetime.combine(after, time(0), tzinfo=now.tzinfo)

    @property
    def length(self) -> str:
        """The term in words."""
        if self.days:
            return f"{self.days}日"
        if self.months and self.months % 12 == 0:
            return f"{self.months // 12}年"
        return f"{self.months}个月" if self.months else "长期"


TERMS = (
    Term(
        key="handshake",
        what="统一身份登录过程中的临时数据",
        since="过程失效",
        days=1,
        then="删除",
        basis=(OVER,),
    ),
    Term(
        key="session",
        what="登录会话：网络地址、设备",
        since="会话到期或者结束",
        months=6,
        least=6,
        then="删除",
        basis=(LOGS, OVER),
    ),
    Term(
        key="attempt",
        what="登录记录：账户名、网络地址、结果",
        since="登录",
        months=6,
        least=6,
        then="删除",
        basis=(LOGS, OVER),
    ),
    Term(
        key="invitation",
        what="机构人员邀请：被邀人姓名",
        since="邀请到期、使用或者撤销",
        months=6,
        then="删除",
        basis=(OVER, OWN),
    ),
    Term(
        key="account",
        what="已停用账户的密码、两步验证、备用码、电子邮箱、统一身份",
        since="账户停用",
        months=1,
        then="删除；账户名和姓名留存，台账和文书上的经办人仍可对照",
        basis=(OVER, OWN),
    ),
    Term(
        key="notice",
        what="通知的标题、正文和送达出错的信息",
        since="通知作出",
        months=12,
        then="清空；通知作出、阅读、送达的时间留存",
        basis=(OVER, OWN),
    ),
    Term(
        key="draft",
        what="机构起草时上传而没有交出的附件",
        since="上传",
        days=30,
        then="删除",
        basis=(OVER, OWN),
    ),
    Term(
        key="upload",
        what="没有任何登记引用的附件文件",
        since="最后一次上传",
        days=30,
        then="删除文件",
        basis=(OVER, OWN),
    ),
    Term(
        key="complainant",
        what="投诉人联系方式",
        since="投诉办结、移送或者不予受理",
        months=6,
        then="清空；投诉事项留存",
        basis=(OVER, OWN),
    ),
    Term(
        key="reading",
        what="查阅非公开个人信息的记录：谁、何时、为何",
        since="查阅",
        months=120,
        least=36,
        then="删除",
        basis=(QUERIES, ASSESSED),
    ),
    Term(
        key="matter",
        what="问题、处罚、列名、异议、修复等事项的案卷和附件",
        since="办结",
        basis=(RECORDS,),
    ),
    Term(key="ledger", what="台账", since="登记", basis=(RECORDS,)),
    Term(
        key="edition",
        what="已发布的各版次（依法撤回的条目只留校验码）",
        since="发布",
        basis=(RECORDS,),
    ),
    Term(
        key="assessment",
        what="个人信息保护影响评估报告（在本系统之外保存）",
        since="作出",
        least=36,
        basis=(ASSESSED,),
    ),
)
ENDING = tuple(one for one in TERMS if one.ends)


def markdown_table() -> str:
    """The table for README, one row per class."""
    head = "| 内容 | 期限从何时起 | 法定至少 | 期限 | 期满 | 依据 |\n|---|---|---|---|---|---|"
    rows = [
        f"| {one.what} | {one.since} | {f'{one.least}个月' if one.least else ''} | {one.length} | "
        f"{one.then or '保存'} | {'；'.join(one.basis)} |"
        for one in TERMS
    ]
    return "\n".join([head, *rows])
