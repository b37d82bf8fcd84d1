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
    Section(key="institutions", word="机构", path="desk/institutions/", act="read_register"),
    Section(key="duties", word="到期", path="desk/duties/", act="read_register"),
    Section(key="ledger", word="台账", path="desk/ledger/", act="browse_ledger"),
)
KEEPING = (
    Section(key="accounts", word="账户", path="desk/accounts/", act="keep_accounts"),
    Section(key="sign_ins", word="登录记录", path="desk/accounts/sign-ins/", act="browse_sign_ins"),
    Section(key="readings", word="查看记录", path="desk/readings/", act="browse_readings"),
)
PORTAL = (Section(key="rating", word="本机构信用", path="my/", act="use_portal"),)
OWN = (Section(key="people", word="人员", path="my/people/", act="keep_people"),)


def sections(person: Person | None) -> list[Section]:
    """The sections this person sees."""
    if person is None:
        return []
    return [one for one in (*DESK, *KEEPING, *PORTAL, *OWN) if allowed(person.role, one.act)]
