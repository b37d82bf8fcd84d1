"""Losing the white list: told as soon as it is known, with a term to answer, before an edition says so."""

from collections.abc import Collection, Iterable
from datetime import date, datetime

from sqlmodel import Session, select

from registry.access import Actor
from registry.acts.matters import WEEKENDS_ONLY, Opening, advance, matter_of, open_matter, steps_of
from registry.acts.owners import people_for
from registry.calendar import Calendar
from registry.drafts import Draft
from registry.errors import refuse
from registry.forms import StepForm, edition_name
from registry.queries.white_losses import (
    AWAITED,
    DECIDED,
    Loss,
    losses_in,
    open_losses,
    unheard,
)
from registry.tables import Edition, WhiteLoss

TELLERS = ("reviewer", "publisher")
RETOLD = "又有告知时没有写的原因，已另行告知"
REGAINED = "白名单的条件又都符合"
SAID_BY_EDITION = "{} 版不再列入白名单"


def tell_of_losses(
    session: Session,
    losses: Iterable[Loss],
    edition: str,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> list[str]:
    """Tells whoever is about to lose the place they have in an edition, once of each reason; the notices that are new.

    Where a red line is crossed the notice comes after the loss, and is to be answered all the same.
    """
    there, made = open_losses(session), []
    for one in sorted(losses, key=lambda one: one.institution):
        before = there.get(one.institution)
        if before is not None:
            if before.is_told_of(one.because):
                continue
            _go(session, before.matter, "retell", RETOLD, by=by, now=now, calendar=calendar)
        owners = people_for(session, one.institution, TELLERS, now)
        opening = Opening(
            kind="white_loss",
            institution=one.institution,
            act="notify_after" if one.red else "notify",
            owner=owners[0] if owners else "",
            body={"edition": edition, "because": one.because},
        )
        step = StepForm(on=now.date(), reason=one.because)
        matter = open_matter(session, opening, step, by=by, now=now, calendar=calendar)
        session.add(
            WhiteLoss(
                matter=matter,
                edition=edition,
                because=one.because,
                recorded_at=now,
                recorded_by=by.account,
            )
        )
        session.flush()
        made.append(matter)
    return made


def keep_places(
    session: Session,
    held: Collection[str],
    losing: Collection[str],
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> list[str]:
    """Ends the notices of those who hold their place and lose it no more, and of those who have lost it.

    Where nothing was answered in time, that is noted first.
    """
    done = []
    for institution, one in open_losses(session).items():
        silent = one.state in AWAITED and one.is_silent(now.date())
        if institution in held and institution not in losing:
            act, reason = "keep", REGAINED
        elif silent:
            act, reason = "lapse", ""
        elif institution not in held and one.state in DECIDED:
            act, reason = "remove", "最新一版不再列入白名单"
        else:
            continue
        _go(session, one.matter, act, reason, by=by, now=now, calendar=calendar)
        done.append(one.matter)
    return done


def hasten_losses(
    session: Session,
    draft: Draft | None,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar = WEEKENDS_ONLY,
) -> list[str]:
    """Lets an edition be signed though somebody on it has not been heard, for a reason that is kept.

    Raises FormRefused naming everybody of them where there is no reason.
    """
    waiting = unheard(draft, losses_in(session, draft), now.date())
    if not waiting:
        return []
    if not reason.strip():
        raise refuse("unheard", "“先行移出的理由”", "", said_unheard([one.name for one in waiting]))
    fresh = [Loss(institution=one.institution, because=one.why) for one in waiting]
    tell_of_losses(session, fresh, _newest(session), by=_teller(by), now=now, calendar=calendar)
    there = open_losses(session)
    for one in waiting:
        matter = there[one.institution].matter
        _go(session, matter, "hasten", reason.strip(), by=by, now=now, calendar=calendar)
    return [one.institution for one in waiting]


def said_unheard(names: list[str]) -> str:
    """Who has not been heard, and what to do."""
    some = "、".join(names[:5]) + ("等" if len(names) > 5 else "")
    return (
        f"{some} {len(names)} 家移出白名单，陈述申辩的期限没有满，或者答复还没有办理。"
        "请等期满、办理以后再签；不能等的，写明理由"
    )


def lose_places(session: Session, draft: Draft | None, *, by: Actor, now: datetime) -> None:
    """Once an edition without them is out, whoever was heard has lost the place."""
    for one in losses_in(session, draft).values():
        if one.state in DECIDED and draft is not None:
            reason = SAID_BY_EDITION.format(draft.edition)
            _go(session, one.matter, "remove", reason, by=by, now=now, calendar=WEEKENDS_ONLY)


def _newest(session: Session) -> str:
    rows = session.exec(select(Edition).where(Edition.state == "released")).all()
    newest = max(rows, key=lambda one: (one.period, one.number), default=None)
    return edition_name(newest.period, newest.number) if newest else ""


def _teller(by: Actor) -> Actor:
    """Notices are the publishing office's, whoever signs."""
    return (
        by
        if by.role == "publisher"
        else Actor(account="schedule", role="publisher", name="定时发布")
    )


def _go(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    matter: str,
    act: str,
    reason: str,
    *,
    by: Actor,
    now: datetime,
    calendar: Calendar,
) -> None:
    last: date = steps_of(session, matter)[-1].on
    step = StepForm(on=max(now.date(), last), reason=reason)
    row = matter_of(session, matter, "white_loss")
    advance(session, row, act, step, by=by, now=now, calendar=calendar)
