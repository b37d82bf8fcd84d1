"""What an inspector should know before going in: open matters, last visits, licence, cover, and what a fault costs."""

from collections.abc import Sequence

import msgspec
from msgspec import Struct
from sqlmodel import Session

from registry import queries
from registry.credit_file import CreditFile
from registry.faces.desk import Office
from registry.forms import VisitSheet
from registry.queries import InspectionLine, MatterLine
from scoring import Policy, Rating, assess
from scoring.facts import Event, Inspection, Record, State
from scoring.words import score_words

GATES = {
    "F": "陈述申辩、确认后才计分。",
    "O": "责令改正后才计分。",
    "P": "要处罚决定生效后才计分。",
    "J": "要法院判决后才计分。",
}
LIGHTS = ("licence", "cover", "custody")
LAST = 5


class Light(Struct, frozen=True, kw_only=True):
    """One duty: in order or not, and the sentence that says why."""

    title: str
    met: bool
    sentence: str


class History(Struct, frozen=True, kw_only=True):
    """An institution before the visit."""

    file: CreditFile
    now: str
    lights: tuple[Light, ...]
    open: tuple[MatterLine, ...]
    disputed: tuple[str, ...]
    visits: tuple[InspectionLine, ...]


class Preview(Struct, frozen=True, kw_only=True):
    """What a visit would do once its proof is there."""

    before: str
    after: str
    said: str


def history_of(session: Session, office: Office, institution: str) -> History:
    """What is known of an institution today, or NotFound."""
    on = office.now().date()
    file = queries.credit_file(session, institution, on)
    matters = queries.matters(session, institution=institution, open_only=True)
    rating = assess(file.facts, office.policy(on), on)
    return History(
        file=file,
        now=told(rating),
        lights=lights_of(rating),
        open=tuple(
            one for one in matters if one.kind in ("finding", "penalty", "spot", "complaint")
        ),
        disputed=disputed_in(file),
        visits=tuple(one for one in queries.inspections(session, institution) if not one.voided)[
            :LAST
        ],
    )


def lights_of(rating: Rating) -> tuple[Light, ...]:
    """Licence, cover and custody as the white list asks for them."""
    return tuple(
        Light(title=one.title, met=one.met, sentence=one.sentence)
        for one in rating.conditions
        if one.code in LIGHTS
    )


def disputed_in(file: CreditFile) -> tuple[str, ...]:
    """The records somebody objects to."""
    found = []
    for record in file.facts.records:
        turns = [
            one.state for one in record.events if one.state in (State.DISPUTED, State.DISPUTE_ENDED)
        ]
        if turns and turns[-1] is State.DISPUTED:
            found.append(record.id)
    return tuple(found)


def preview_of(file: CreditFile, sheet: VisitSheet, office: Office) -> Preview:
    """The rating before, and after once every fault is confirmed and ordered to be mended."""
    on = office.now().date()
    policy = office.policy(on)
    records = tuple(
        Record(
            id=f"preview-{number}",
            kind="finding",
            code=one.code,
            seen_on=one.seen_on,
            extent=one.extent,
            inspection="preview",
            events=(Event(state=State.CONFIRMED, on=on), Event(state=State.ORDERED, on=on)),
        )
        for number, one in enumerate(sheet.findings)
    )
    visit = Inspection(id="preview", kind=sheet.kind, on=sheet.on, onsite=sheet.onsite)
    facts = msgspec.structs.replace(
        file.facts,
        records=(*file.facts.records, *records),
        inspections=(*file.facts.inspections, visit),
    )
    return Preview(
        before=told(assess(file.facts, policy, on)),
        after=told(assess(facts, policy, on)),
        said=_gates([one.code for one in sheet.findings], policy),
    )


def told(rating: Rating) -> str:
    """A rating in two words."""
    return f"{score_words(rating)} 分 {rating.grade}" if rating.base is not None else rating.grade


def _gates(codes: Sequence[str], policy: Policy) -> str:
    """From which proof on these faults count."""
    rules = [(code, policy.by_code[code].gate) for code in dict.fromkeys(codes)]
    if len({gate for _, gate in rules}) == 1:
        return _gate(rules[0][1])
    return "".join(f"{code} {_gate(gate)}" for code, gate in rules)


def _gate(gate: str) -> str:
    return GATES[gate[0]] if len(gate) == 1 else "要处罚决定生效或者法院判决后才计分。"
