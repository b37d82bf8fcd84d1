"""What was typed or tapped at a visit, as one sheet: the same fields from the page and from the phone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from msgspec import Struct, structs

from registry.acts.inspections import visit_problems
from registry.checklists import Checklist, Item
from registry.errors import FormRefused, Problem, read_form
from registry.faces.desk import Office
from registry.forms import InspectionSheet, VisitSheet, parse_day
from scoring import Policy, PolicyError

KINDS = ("日常检查", "双随机检查", "专项治理", "投诉核查", "年度检查")
OTHERS = 5
OF_OTHERS = ("code", "statement", "note", "corrects")  # one of them filled makes a fault
_VISIT = (
    "key",
    "institution",
    "kind",
    "campaign",
    "first_officer",
    "second_officer",
    "place",
    "present",
    "statement",
    "refusal",
    "checklist",
    "policy",
)
_BACK = {"on": "seen_on", "note": "inside"}


class Fault(Struct, frozen=True, kw_only=True):
    """One fault as it stands in the form: the suffix of its fields, its item if any, its rule's code."""

    suffix: str
    item: str
    code: str
    default: str


def sheet_of(
    values: Mapping[str, str], files: Sequence[Mapping[str, Any]], office: Office
) -> VisitSheet:
    """The visit with its answers and faults, or a FormRefused that names every wrong field at once."""
    said = {key: one for key, one in values.items() if one.strip()}
    day = _day(said.get("seen_on", ""), office)
    checklist = _checklist(office, said.get("checklist", ""))
    problems: list[Problem] = []
    try:
        policy = office.policy(day)
    except PolicyError:  # a slip in the year; everything else is read by the rules of today
        policy = office.policy(office.now().date())
        remedy = "那一天还没有施行的评分办法，请核对年份"
        problems.append(_problem("seen_on", "日期", said.get("seen_on", ""), remedy))
    if said.get("checklist") and checklist is None:
        remedy = "没有这一版检查表，请刷新页面，取到现在的检查表再填"
        problems.append(_problem("checklist", "检查表", said["checklist"], remedy))
    problems += _unasked(said, checklist)
    faults = list(faults_of(said, checklist))
    sheet: dict[str, Any] = {key: said[key] for key in _VISIT if key in said}
    sheet |= {"on": said.get("seen_on", ""), "signed": "signed" in said}
    sheet |= {"note": said.get("inside", ""), "files": list(files)}
    sheet["answers"] = list(_answers(said, checklist))
    sheet["findings"] = [_finding(one, said, policy) for one in faults]
    problems += _unknown(faults, policy)
    try:
        form = read_form(VisitSheet, sheet)
    except FormRefused as refused:
        problems += [_where(one, faults, sheet["answers"]) for one in refused.problems]
        problems += [_renamed(one) for one in _of_visit(sheet, office)]
        raise FormRefused(_once(problems)) from None
    problems += [_renamed(one) for one in visit_problems(form, office.now().date())]
    if problems:
        raise FormRefused(_once(problems))
    return form


@contextmanager
def as_typed(values: Mapping[str, str], office: Office) -> Iterator[None]:
    """What is refused within is named as the form names its fields."""
    try:
        yield
    except FormRefused as refused:
        said = {key: one for key, one in values.items() if one.strip()}
        faults = list(faults_of(said, _checklist(office, said.get("checklist", ""))))
        raise FormRefused([_where(one, faults, ()) for one in refused.problems]) from None


def _of_visit(sheet: Mapping[str, Any], office: Office) -> list[Problem]:
    """What is wrong with the visit itself, where only its answers or faults could not be read."""
    own = {key: one for key, one in sheet.items() if key in InspectionSheet.model_fields}
    try:
        return visit_problems(read_form(InspectionSheet, own), office.now().date())
    except FormRefused:
        return []  # named with the whole sheet


def faults_of(said: Mapping[str, str], checklist: Checklist | None) -> Iterator[Fault]:
    """The items answered 不符合 that fall under a rule, then the faults no item asks about."""
    for item in checklist.items() if checklist else ():
        if said.get(f"answer-{item.code}") == "不符合" and item.policy:
            default = said.get(f"missing-{item.code}", "")
            default = f"缺少{default}" if default else f"不符合：{item.text}"
            yield Fault(suffix=item.code, item=item.code, code=item.policy, default=default)
    for number in range(1, OTHERS + 1):
        suffix = f"x{number}"
        if any(said.get(f"{part}-{suffix}") for part in OF_OTHERS):
            code = said.get(f"code-{suffix}", "")
            yield Fault(suffix=suffix, item="", code=code, default="")


def reference_of(policy: Policy, item: Item) -> str:
    """The law an item rests on: its rule's article in this version of the policy, or its own."""
    rule = policy.by_code.get(item.policy)
    reference = rule.reference if rule else item.reference
    return f"《{reference.document}》{reference.article}" if reference else ""


def _finding(fault: Fault, said: Mapping[str, str], policy: Policy) -> dict[str, Any]:
    rule = policy.by_code.get(fault.code)
    found: dict[str, Any] = {
        "item": fault.item,
        "code": fault.code,
        "seen_on": said.get("seen_on", ""),
        "extent": said.get(f"extent-{fault.suffix}", "1"),
        "statement": said.get(f"statement-{fault.suffix}", fault.default),
        "note": said.get(f"note-{fault.suffix}", ""),
        "corrects": said.get(f"corrects-{fault.suffix}", ""),
    }
    if rule:
        where = f"《{rule.reference.document}》{rule.reference.article}"
        found["article"] = f"{where}（{policy.id}）"
    return found


def _answers(said: Mapping[str, str], checklist: Checklist | None) -> Iterator[dict[str, str]]:
    for item in checklist.items() if checklist else ():
        answer = said.get(f"answer-{item.code}", "")
        if answer and answer != "未查":
            note = "" if item.policy else said.get(f"note-{item.code}", "")
            yield {"item": item.code, "answer": answer, "note": note}


def _unasked(said: Mapping[str, str], checklist: Checklist | None) -> Iterator[Problem]:
    """Answers to items that the named checklist does not have: refused, so that none is lost unseen."""
    asked = {f"answer-{one.code}" for one in checklist.items()} if checklist else set()
    for name, answer in said.items():
        if name.startswith("answer-") and answer != "未查" and name not in asked:
            item = name.removeprefix("answer-")
            where = f"检查表 {checklist.id} 里没有这一项" if checklist else "没有写明按哪一版检查表"
            remedy = f"{where}，请打开现在的检查表核对，改填相应的项目或者“其他问题”"
            yield _problem(name, f"检查结果 {item}", answer, remedy)


def _unknown(faults: Sequence[Fault], policy: Policy) -> Iterator[Problem]:
    for one in faults:
        rule = policy.by_code.get(one.code)
        if rule is None or rule.bonus:
            remedy = f"评分办法 {policy.id} 里没有这个编码，请从列表里选"
            yield _problem(f"code-{one.suffix}", "指标", one.code, remedy)


def _where(problem: Problem, faults: Sequence[Fault], answers: Sequence[Any]) -> Problem:
    """A problem under the name its field has in the form."""
    parts = problem.field.split(".")
    if parts[0] == "findings" and len(parts) > 2:
        suffix = faults[int(parts[1])].suffix
        name = "seen_on" if parts[2] == "seen_on" else f"{parts[2]}-{suffix}"
        return _told(problem, name, f"{suffix}：")
    if parts[0] == "answers" and len(parts) > 2:
        return _told(problem, f"answer-{answers[int(parts[1])]['item']}", "")
    return _renamed(problem)


_LABELS = {
    "extent": "次数或人数",
    "statement": "公开的事实表述",
    "note": "内部记录",
    "code": "指标",
    "corrects": "更正的事项编号",
}


def _told(problem: Problem, field: str, prefix: str) -> Problem:
    label = _LABELS.get(field.split("-")[0], problem.label.strip("“”"))
    label = "检查结果" if field.startswith("answer-") else label
    label = "检查日期" if field == "seen_on" else label
    return structs.replace(problem, field=field, label=f"{prefix}“{label}”")


def _renamed(problem: Problem) -> Problem:
    return structs.replace(problem, field=_BACK.get(problem.field, problem.field))


def _once(problems: Sequence[Problem]) -> list[Problem]:
    """One problem a field: the first says what to do."""
    found: dict[str, Problem] = {}
    for one in problems:
        found.setdefault(one.field, one)
    return list(found.values())


def _day(text: str, office: Office) -> date:
    """The day of the visit where it can be read, for the policy of that day; else today."""
    today = office.now().date()
    try:
        day = parse_day(text)
    except ValueError:
        return today
    return day if isinstance(day, date) and day <= today else today


def _checklist(office: Office, id: str) -> Checklist | None:
    return next((one for one in office.checklists if one.id == id), None)


def _problem(field: str, label: str, value: str, remedy: str) -> Problem:
    return Problem(field=field, label=f"“{label}”", value=value, remedy=remedy)
