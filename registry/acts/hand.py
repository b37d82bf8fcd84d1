"""Whose hand takes a step, when, by which calendar and which policy: what every special step needs."""

from datetime import datetime

from msgspec import Struct
from sqlmodel import Session

from registry.access import Actor
from registry.acts.matters import advance, edge_of, steps_of
from registry.calendar import Calendar
from registry.forms import StepForm, StepSheet
from registry.tables import Matter
from scoring import Policy


class Hand(Struct, frozen=True, kw_only=True):
    """One person's hand in one transaction."""

    session: Session
    by: Actor
    now: datetime
    calendar: Calendar
    policy: Policy | None = None

    def step(self, matter: Matter, act: str, form: StepForm, content: object = None) -> str:
        """Takes the step; gives the new state."""
        return advance(
            self.session,
            matter,
            act,
            form,
            by=self.by,
            now=self.now,
            calendar=self.calendar,
            content=content,
        )

    def follow(self, matter: Matter, act: str, form: StepForm, reason: str) -> None:
        """Takes a step that follows from another matter's, with the same paper."""
        last = steps_of(self.session, matter.id)[-1]
        update = {"on": max(form.on, last.on), "due_on": None, "reason": reason}
        self.step(matter, act, form.model_copy(update=update))

    def number_of_next(self, matter: Matter, act: str) -> int:
        """The number the next step will have; raises StepRefused if the table knows no such step."""
        steps = steps_of(self.session, matter.id)
        edge_of(matter.kind, steps[-1].state, act)
        return len(steps) + 1


def content_of(form: StepSheet) -> dict[str, object]:
    """What a step sets besides, as the ledger keeps it."""
    own = set(StepSheet.model_fields) - set(StepForm.model_fields)
    said = form.model_dump(mode="json", include=own)
    return {
        key: value for key, value in said.items() if value is False or value not in ("", None, 0)
    }
