"""Who an institution's person is, and what the portal calls things."""

from registry.queries import ShownMatter
from registry.queries.changes import HISTORY, VOIDING
from registry.queries.changes import KINDS as CHANGES
from scoring import Policy

LISTS = {"white": "白名单", "watch": "重点关注名单", "black": "黑名单"}
FILINGS = {
    "reply": "回应",
    "defence": "陈述申辩",
    "hearing": "要求听证",
    "objection": "提出异议",
    "withdrawal": "撤回申请",
}


def title_of(matter: ShownMatter, policy: Policy) -> str:
    """What a matter is about, in a few words."""
    if matter.code:
        rule = policy.by_code.get(matter.code)
        return rule.title if rule else matter.code
    if matter.kind == "listing":
        return f"列入{LISTS.get(str(matter.content.get('list')), '名单')}"
    if matter.kind == "change":
        what = matter.content["what"]
        return HISTORY[what] if what == VOIDING else f"变更{CHANGES.get(what) or HISTORY[what]}"
    if matter.about:
        return f"{matter.kind_name}：{matter.about}"
    return matter.kind_name
