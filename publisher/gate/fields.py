"""Which fields may be public: every path of a published line, and what kind of text it may hold.

A field that is not named here stops the release, whatever program wrote it. `text` is what a person typed
and is read for personal data; `number` is a number of a paper, read for numbers of persons alone; `contact` is
what was declared public to reach an institution, which may be a telephone of an office and never a person's;
`word` is a code, a day or a number of ours; `made` is worded by the program from the rest.
Source: the field table of the office (个人信息保护法 第六条、第二十五条; 政府信息公开条例 第十五条).
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

TEXT, NUMBER, CONTACT, WORD, MADE = "text", "number", "contact", "word", "made"
TYPED = (TEXT, NUMBER, CONTACT)
_TERM = {"number": NUMBER, "since": WORD, "until": WORD}
_REFERENCE = {"document": MADE, "article": MADE, "url": MADE}
_EVENT = {"state": WORD, "on": WORD, "due_on": WORD, "document_no": NUMBER}
_FACTS: dict[str, Any] = {
    "institution": WORD,
    "kind": TEXT,
    "subject": TEXT,
    "mode": TEXT,
    "stage": TEXT,
    "legal_form": TEXT,
    "status": WORD,
    "opened_on": WORD,
    "charges_in_advance": WORD,
    "on_platform": WORD,
    "inspections": {
        "id": WORD,
        "kind": TEXT,
        "on": WORD,
        "onsite": WORD,
        "measures": {"code": WORD, "value": WORD},
    },
    "records": {
        "id": WORD,
        "kind": WORD,
        "code": WORD,
        "seen_on": WORD,
        "extent": WORD,
        "case": NUMBER,
        "inspection": WORD,
        "statement": TEXT,
        "events": _EVENT,
    },
    "listings": {
        "id": WORD,
        "list": WORD,
        "ground": TEXT,
        "reason": TEXT,
        "document_no": NUMBER,
        "organ": TEXT,
        "article": TEXT,
        "decided_on": WORD,
        "effective_on": WORD,
        "until": WORD,
        "ended_on": WORD,
        "ended_because": TEXT,
        "annulled": WORD,
        "disputed": WORD,
    },
    "licences": _TERM,
    "registrations": _TERM,
    "annual_inspections": {"year": WORD, "result": WORD, "on": WORD},
    "covers": {
        "cover_class": WORD,
        "insurer": TEXT,
        "policy_no": NUMBER,
        "sum_fen": WORD,
        "since": WORD,
        "until": WORD,
        "cancelled_on": WORD,
        "insured_matches": WORD,
        "premium_paid": WORD,
        "leaves_out": TEXT,
    },
    "custody": {"bank": TEXT, "since": WORD, "until": WORD, "reported_on": WORD},
}
_RATING: dict[str, Any] = dict.fromkeys(
    [
        "institution",
        "policy",
        "grade",
        "score",
        "base",
        "score_from",
        "score_to",
        "status",
        "listing",
        "not_rated_because",
        "changes_on",
        "next_grade",
        "points_to_next",
        "visit_from",
        "visit_until",
    ],
    MADE,
)
_REASON: dict[str, Any] = dict.fromkeys(
    [
        "record",
        "code",
        "title",
        "kind",
        "points",
        "raw",
        "left",
        "held",
        "severity",
        "extent",
        "grown",
        "gate",
        "seen_on",
        "determined_on",
        "counts_from",
        "counts_until",
        "restored",
        "absorbed_by",
        "limits_grade_to",
        "disputed",
        "statement",
    ],
    MADE,
)
PUBLIC: dict[str, Any] = {
    "institution": WORD,
    "name": TEXT,
    "names": {"kind": WORD, "text": TEXT, "since": WORD, "until": WORD},
    "jurisdiction": WORD,
    "code": NUMBER,
    "licence_no": NUMBER,
    "addresses": TEXT,
    "legal_representative": TEXT,
    "organ": TEXT,
    "facts": _FACTS,
    "rating": {
        **_RATING,
        "reasons": {**_REASON, "reference": _REFERENCE},
        "conditions": {
            "code": MADE,
            "met": MADE,
            "sentence": MADE,
            "title": MADE,
            "reference": _REFERENCE,
        },
        "proposals": {"because": MADE, "list": MADE, "months": MADE},
    },
    "replies": {"record": WORD, "on": WORD, "text": TEXT},
    "alerts": {
        "id": WORD,
        "text": TEXT,
        "record": WORD,
        "document_no": NUMBER,
        "issued_on": WORD,
        "until": WORD,
    },
    "contacts": {"kind": WORD, "text": CONTACT},
    "staff": {
        "name": TEXT,
        "post": TEXT,
        "subject": TEXT,
        "qualification": TEXT,
        "certificate": NUMBER,
    },
    "predecessor": WORD,
    "successor": WORD,
    "merged": WORD,
    "salt": WORD,
}
WORDS = {
    "name": "名称",
    "names.text": "名称（曾用名、招牌名、校区）",
    "addresses": "地址",
    "legal_representative": "法定代表人",
    "organ": "主管部门",
    "code": "统一社会信用代码",
    "licence_no": "办学许可证号",
    "reason": "撤回理由",
    "replies.text": "机构回应",
    "alerts.text": "风险提示",
    "alerts.document_no": "风险提示的文号",
    "contacts.text": "对外公开的联系方式",
    "staff.name": "从业人员公示的姓名",
    "staff.post": "从业人员公示的岗位",
    "staff.subject": "从业人员公示的任教科目",
    "staff.qualification": "从业人员公示的教师资格",
    "staff.certificate": "从业人员公示的教师资格证号",
    "facts.records.statement": "公开的事实表述",
    "facts.records.case": "案号",
    "facts.records.events.document_no": "文号",
    "facts.listings.reason": "列入原因",
    "facts.listings.ground": "列入情形",
    "facts.listings.ended_because": "移出原因",
    "corrections.name": "更正公告的机构名称",
    "corrections.reason": "更正的理由",
    "corrections.document_no": "更正的文号",
    "removals.name": "撤回的机构名称",
    "removals.reason": "撤回的理由",
    "facts.listings.document_no": "列入决定文号",
    "facts.listings.organ": "列入机关",
    "facts.covers.insurer": "保险公司",
    "facts.covers.policy_no": "保险单号",
    "facts.custody.bank": "开户银行",
    "facts.inspections.kind": "检查类别",
    "facts.licences.number": "许可证号",
    "facts.registrations.number": "登记证号",
}
TOMBSTONE: dict[str, Any] = {"hash": WORD, "on": WORD, "reason": TEXT}


def looked_through(line: bytes, *, withdrawn: bool = False) -> tuple[Any, list[str], Any]:
    """What people typed into a line, its fields that may not be public, and the schema it is read by."""
    schema, strict, typed = _STONE if withdrawn else _LINE
    try:
        strict.decode(line)
        return msgspec.to_builtins(typed.decode(line)), [], schema
    except msgspec.ValidationError:
        value = msgspec.json.decode(line)
        return value, sorted(set(strangers(value, schema))), schema


def strangers(value: Any, schema: Any = PUBLIC, path: str = "") -> Iterator[str]:
    """The path of every field of a decoded line that is not on the list of public fields."""
    if isinstance(value, list):
        for one in value:
            yield from strangers(one, schema, path)
    elif isinstance(value, dict):
        if not isinstance(schema, dict):
            yield path
            return
        for key, one in value.items():
            where = f"{path}.{key}" if path else key
            if key not in schema:
                yield where
            elif isinstance(one, dict | list):
                yield from strangers(one, schema[key], where)
    elif isinstance(schema, dict) and value is not None:
        yield path


def texts(value: Any, schema: Any = PUBLIC, path: str = "") -> Iterator[tuple[str, str, str]]:
    """Every text and number of a decoded line that people wrote: its path, its kind, what it says."""
    if isinstance(value, list):
        for one in value:
            yield from texts(one, schema, path)
    elif isinstance(value, dict) and isinstance(schema, dict):
        for key, one in value.items():
            kind = schema.get(key)
            where = f"{path}.{key}" if path else key
            if isinstance(one, dict | list):
                yield from texts(one, kind, where)
            elif isinstance(one, str) and one and kind in TYPED:
                yield where, kind, one
    elif isinstance(value, str) and value and schema in TYPED:
        yield path, schema, value


_SCALAR = str | int | float | bool | None
_LEAF = str | int | float | bool | None | list[_SCALAR]


def _is_typed(kind: Any) -> bool:
    if isinstance(kind, dict):
        return any(_is_typed(one) for one in kind.values())
    return kind in TYPED


def _shape(schema: dict[str, Any], wanted: Callable[[Any], bool], *, strict: bool = False) -> Any:
    """A struct of the wanted fields, none of which need be there."""
    fields: list[tuple[str, Any, Any]] = []
    for key, kind in schema.items():
        if not (wanted(kind) or key == "institution"):
            continue
        inner = _shape(kind, wanted, strict=strict) if isinstance(kind, dict) else None
        form = list[inner] | inner | None if inner else _LEAF  # type: ignore[valid-type]
        fields.append((key, form, None))
    return msgspec.defstruct("Shape", fields, forbid_unknown_fields=strict)


def _read_by(schema: dict[str, Any]) -> tuple[dict[str, Any], Any, Any]:
    """A decoder that refuses every field that is not named, and one that leaves out what nobody typed."""
    strict, typed = _shape(schema, lambda _: True, strict=True), _shape(schema, _is_typed)
    return schema, msgspec.json.Decoder(strict), msgspec.json.Decoder(typed)


_LINE, _STONE = _read_by(PUBLIC), _read_by(TOMBSTONE)
