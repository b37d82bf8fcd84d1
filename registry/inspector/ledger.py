"""The ledger at the desk: looked through, one entry in full, taken away, and its chain checked."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Stream
from msgspec import Struct

from registry import queries
from registry.accounts import Person
from registry.database import reading
from registry.faces.desk import Office, Visit, office_of, page, person_of
from registry.faces.tables import CSV, attachment, csv_lines
from registry.forms import parse_day
from registry.ledger import breaks, next_number
from registry.numbers import row_number
from registry.procedure import KINDS, ROLES, TRANSITIONS
from registry.queries import LedgerFilter, LedgerLine

AT_MOST = 50
AT_ONCE = 1000
FIELDS = ("act", "institution", "subject", "account")
COLUMNS = {
    "seq": "序号",
    "at": "时间",
    "account": "账户",
    "role": "角色",
    "act": "办理",
    "subject": "对象",
    "institution": "机构编号",
    "body": "内容",
    "previous": "前一条校验码",
    "digest": "校验码",
}
ACTS = {
    "register_jurisdiction": "登记区划",
    "register_institution": "登记机构",
    "bulk_register": "批量导入",
    "record_profile": "变更机构情况",
    "record_name": "变更名称",
    "record_premises": "登记场所",
    "record_licence": "登记办学许可证",
    "record_registration": "登记法人登记",
    "record_inspection": "记录检查",
    "record_cover": "登记保险",
    "cancel_cover": "登记退保",
    "record_custody": "登记监管专户",
    "record_custody_report": "登记专户报告",
    "record_annual_inspection": "登记年检",
    "link_lineage": "登记沿革",
    "identify": "查明被投诉的机构",
    "merge_institutions": "合并重复登记",
    "void_inspection": "作废检查",
    "reply_to": "机构回应",
    "prepare_edition": "拟稿",
    "approve_edition": "签字",
    "release_edition": "发布",
    "accept_violation": "放行核对不通过的一项",
    "return_edition": "退回拟稿人",
    "lapse_edition": "签字失效",
    "replace_edition": "由后一版代替",
    "withdraw_entry": "撤回",
    "ask_withdrawal": "呈请撤回",
    "confirm_withdrawal": "同意撤回",
    "decline_withdrawal": "不同意撤回",
    "finish_withdrawal": "撤回办结",
    "add_subscription": "登记推送",
    "activate_subscription": "启用推送",
    "pause_subscription": "暂停推送",
    "remove_subscription": "取消推送",
    "renew_secret": "更换推送密钥",
    "queue_push": "推送变化",
    "replay_push": "重新推送",
    "retry_push": "再次推送",
    "let_go_push": "放弃推送",
    "release_report": "发布年度报告",
    "create_account": "开立账户",
    "close_account": "停用账户",
    "change_email": "更改电子邮箱",
    "erase": "按保存期限删除",
    "sign_in": "登录",
}
STEPS = {f"{one.kind}.{one.act}": f"{KINDS[one.kind]}：{one.label}" for one in TRANSITIONS}


class Asked(Struct, frozen=True, kw_only=True):
    """What a visitor asks of the ledger: the filter, as typed, and the days that are none."""

    wanted: LedgerFilter
    values: dict[str, str]
    problems: dict[str, str]


BROWSE = {"needs": "browse_ledger"}
ENTRY = {"needs": "browse_ledger", "reach": {"seq": "nothing"}}  # the query limits what is found


@get("/desk/ledger", opt=BROWSE, sync_to_thread=True)
def browse(request: Visit) -> Response[Any]:
    """Entries, the newest first, by what is asked of them."""
    return _browse(request)


@post("/desk/ledger/check", opt=BROWSE, sync_to_thread=True)
def check_chain(request: Visit) -> Response[Any]:
    """Reads every entry and says whether each is as it was made."""
    person_of(request)
    with reading(office_of(request).engine) as session:
        broken = next(breaks(session), None)
        many = next_number(session) - 1
    said = broken.sentence + broken.remedy if broken else f"全部 {many} 条逐条相接，没有改动。"
    return _browse(request, said, sound=broken is None)


@get("/desk/ledger/export", opt=BROWSE, sync_to_thread=True)
def export(request: Visit) -> Stream:
    """The entries asked for as CSV or as JSON lines, a thousand at a time, however many they are."""
    person, office = person_of(request), office_of(request)
    asked = _asked(request, person, office)
    lines = _every(office, asked.wanted)
    if request.query_params.get("format") == "jsonl":
        content = (msgspec.json.encode(one).decode() + "\n" for one in lines)
        headers, media = attachment("ledger.jsonl"), "application/jsonl; charset=utf-8"
        return Stream(content, media_type=media, headers=headers)
    rows = ([getattr(one, field) for field in COLUMNS] for one in lines)
    table = csv_lines(list(COLUMNS.values()), rows)
    return Stream(table, media_type=CSV, headers=attachment("ledger.csv"))


@get("/desk/ledger/{seq:int}", opt=ENTRY, sync_to_thread=True)
def entry(request: Visit, seq: int) -> Response[Any]:
    """One entry in full: what it says, before and after, and the digests that hold it in its place."""
    person, office = person_of(request), office_of(request)
    with reading(office.engine) as session:
        line = queries.ledger_entry(session, seq, _places(person))
    return page(
        request,
        "ledger_entry.html",
        person=person,
        here="ledger",
        line=line,
        word=act_word(line.act),
        role=ROLES.get(line.role, line.role),
        body=_said(line.body),
    )


LEDGER_ROUTES: list[HTTPRouteHandler] = [browse, check_chain, export, entry]


def act_word(act: str) -> str:
    """An act in Chinese; one this version does not know is shown as it was entered."""
    return ACTS.get(act) or STEPS.get(act) or act


def _places(person: Person) -> tuple[str, ...]:
    return person.places


def _browse(request: Visit, said: str = "", *, sound: bool = True) -> Response[Any]:
    person, office = person_of(request), office_of(request)
    asked = _asked(request, person, office)
    typed = request.query_params.get("before", "")
    before = row_number(typed)
    lines: list[LedgerLine] = []
    if not asked.problems:
        with reading(office.engine) as session:
            lines = queries.ledger_entries(session, asked.wanted, before=before, limit=AT_MOST + 1)
    more = len(lines) > AT_MOST
    kept = {key: value for key, value in asked.values.items() if value}
    return page(
        request,
        "ledger.html",
        status=422 if asked.problems else 200,
        person=person,
        here="ledger",
        lines=[(one, act_word(one.act), ROLES.get(one.role, one.role)) for one in lines[:AT_MOST]],
        values=asked.values,
        problems=asked.problems,
        acts={**ACTS, **STEPS},
        asked=urlencode(kept),
        older=urlencode({**kept, "before": str(lines[AT_MOST - 1].seq)}) if more else "",
        before=before,
        said=said,
        sound=sound,
    )


def _asked(request: Visit, person: Person, office: Office) -> Asked:
    values = {key: request.query_params.get(key, "").strip() for key in (*FIELDS, "since", "until")}
    problems: dict[str, str] = {}
    days: dict[str, datetime | None] = {"since": None, "until": None}
    for field, label in (("since", "从"), ("until", "到")):
        if not values[field]:
            continue
        try:
            day = parse_day(values[field])
        except ValueError as wrong:
            problems[field] = f"“{label}”的值“{values[field]}”不能用：{wrong}。"
            continue
        # The ends of the calendar ask nothing, and have no day beyond them.
        if isinstance(day, date) and date.min.year < day.year < date.max.year:
            days[field] = datetime.combine(
                day + timedelta(days=field == "until"), time.min, office.now().tzinfo
            )
    wanted = LedgerFilter(
        act=values["act"],
        institution=values["institution"].upper(),
        subject=values["subject"],
        account=values["account"],
        since=days["since"],
        until=days["until"],
        jurisdictions=_places(person),
    )
    return Asked(wanted=wanted, values=values, problems=problems)


def _every(office: Office, wanted: LedgerFilter) -> Iterator[LedgerLine]:
    """Each part is read on its own, so that a long download holds no transaction open."""
    before = 0
    while True:
        with reading(office.engine) as session:
            lines = queries.ledger_entries(session, wanted, before=before, limit=AT_ONCE)
        yield from lines
        if len(lines) < AT_ONCE:
            return
        before = lines[-1].seq


def _said(body: str) -> list[tuple[str, str, str]]:
    """Each field of an entry as it was before and as it is after; most acts name only what is new."""
    content = msgspec.json.decode(body)
    if not isinstance(content, dict):
        return [("内容", "", _text(content))] if content is not None else []
    before = content.get("before")
    after = content.get("after")
    if not isinstance(before, dict):
        before = {}
    else:
        content = {key: value for key, value in content.items() if key != "before"}
    if isinstance(after, dict):
        content = {key: value for key, value in content.items() if key != "after"} | after
    fields = list(dict.fromkeys([*before, *content]))
    return [(one, _text(before.get(one, "")), _text(content.get(one, ""))) for one in fields]


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
