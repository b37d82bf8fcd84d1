"""The sections of the signed-in faces, each for the roles that have business there."""

from msgspec import Struct

from registry.access import allowed
from registry.accounts import Person


class Section(Struct, frozen=True, kw_only=True):
    """One entry of the navigation: its key, its word, its address, and the act it is for."""

    key: str
    word: str
    path: str
    act: str


DESK = (
    Section(key="today", word="今天", path="desk/", act="read_register"),
    Section(key="tasks", word="我的任务", path="desk/tasks/", act="record_inspection"),
    Section(key="field", word="外出检查", path="desk/field/", act="record_inspection"),
    Section(key="campaigns", word="检查安排", path="desk/campaigns/", act="read_register"),
    Section(key="clocks", word="期限", path="desk/clocks/", act="read_register"),
    Section(key="institutions", word="机构", path="desk/institutions/", act="read_register"),
    Section(key="changes", word="资料变更", path="desk/changes/", act="change.apply"),
    Section(key="duties", word="到期", path="desk/duties/", act="read_register"),
    Section(key="gate", word="发布", path="desk/gate/", act="watch_editions"),
    Section(key="withdrawals", word="撤回", path="desk/withdrawals/", act="watch_editions"),
    Section(key="ledger", word="台账", path="desk/ledger/", act="browse_ledger"),
    Section(key="push", word="推送", path="desk/subscriptions/", act="keep_subscriptions"),
    Section(key="notices", word="提醒", path="desk/notices/", act="read_register"),
)
PORTAL = (
    Section(key="rating", word="本机构信用", path="my/", act="use_portal"),
    Section(key="matters", word="事项和申辩", path="my/matters/", act="use_portal"),
    Section(key="repair", word="信用修复", path="my/repair/", act="use_portal"),
    Section(key="data", word="本机构资料", path="my/data/", act="use_portal"),
    Section(key="papers", word="证明和公示牌", path="my/papers/", act="use_portal"),
    Section(key="notices", word="通知", path="my/notices/", act="use_portal"),
)
KEEPING = (
    Section(key="accounts", word="账户", path="desk/accounts/", act="keep_accounts"),
    Section(key="sign_ins", word="登录记录", path="desk/accounts/sign-ins/", act="browse_sign_ins"),
    Section(key="operations", word="运行", path="desk/operations/", act="watch_operations"),
    Section(key="readings", word="查看记录", path="desk/readings/", act="browse_readings"),
)
OWN = (Section(key="people", word="人员", path="my/people/", act="keep_people"),)


def sections(person: Person | None) -> list[Section]:
    """The sections this person sees."""
    if person is None:
        return []
    return [one for one in (*DESK, *KEEPING, *PORTAL, *OWN) if allowed(person.role, one.act)]
