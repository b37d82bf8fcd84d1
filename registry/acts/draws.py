"""The random draw in two steps: seed and pool are recorded for all to see, then the lots are drawn."""

from datetime import datetime

import msgspec
from sqlmodel import Session

from registry import drawing
from registry.access import Actor
from registry.acts.authority import authorise
from registry.acts.campaigns import campaign_of
from registry.errors import Conflict, NotFound, refuse
from registry.forms import DrawForm
from registry.ledger import Act, append, next_number
from registry.tables import Draw, Task


def announce_draw(  # noqa: PLR0913 an act has its actor and its instant besides
    session: Session,
    campaign: str,
    form: DrawForm,
    pool: drawing.Pool,
    *,
    nonce: str,
    by: Actor,
    now: datetime,
) -> str:
    """Fixes seed, pool and weights before anything is drawn; gives the draw's number.

    The nonce comes from the machine, never from the person who announces, so that nobody picks a seed.
    """
    held = campaign_of(session, campaign)
    where = held.jurisdiction
    authorise(session, by, "draw_lots", "公告抽取", jurisdiction=where, now=now)
    if form.on < now.date():
        raise refuse("on", "“抽取日期”", form.on, f"不能早于今天 {now.date()}")
    if len(set(pool.officers)) < 2:
        raise refuse("officers", "“检查人员”", None, "请选至少两名检查人员")
    if not any(one.weight for one in pool.targets):
        raise refuse(
            "size", "“抽取家数”", form.size, "名录里没有可抽的机构，请先核对区县和机构状态"
        )
    bare = msgspec.structs.replace(
        pool,
        # Why somebody recuses may touch their family, so the paper that is handed out does not say it.
        recusals=tuple(msgspec.structs.replace(one, reason="") for one in pool.recusals),
    )
    id = f"CQ{now.year}-{next_number(session):06d}"
    row = Draw(
        id=id,
        campaign=campaign,
        on=form.on,
        seed=f"{form.on}:{nonce}",
        size=form.size,
        pool=drawing.canonical(bare).decode(),
        pool_hash=drawing.hash_of(bare),
        weights=msgspec.json.encode(
            {one.grade: one.weight for one in pool.targets}, order="sorted"
        ).decode(),
        excluded=msgspec.json.encode(pool.recusals).decode(),
        recorded_at=now,
        recorded_by=by.account,
    )
    session.add(row)
    session.flush()
    body = {
        "campaign": campaign,
        "on": form.on,
        "seed": row.seed,
        "size": row.size,
        "pool_hash": row.pool_hash,
        "weights": row.weights,
    }
    append(session, Act(act="announce_draw", subject=id, body=body), by=by, now=now)
    return id


def hold_draw(session: Session, draw: str, *, by: Actor, now: datetime) -> tuple[drawing.Lot, ...]:
    """Draws the lots of an announced draw, once, and opens a task for each."""
    row = session.get(Draw, draw)
    if row is None:
        raise NotFound("抽取", draw)
    held = campaign_of(session, row.campaign)
    where = held.jurisdiction
    authorise(session, by, "draw_lots", "抽取检查对象", jurisdiction=where, now=now)
    if row.result:
        raise Conflict("这次抽取已经有结果，不能重抽。要再抽，请另行公告一次抽取。")
    if now.date() < row.on:
        raise Conflict(f"公告的抽取日期是 {row.on}，请到那一天再抽。")
    pool = msgspec.json.decode(row.pool, type=drawing.Pool)
    lots = drawing.draw(row.seed, pool, row.size)
    row.result = msgspec.json.encode(lots).decode()
    session.add(row)
    for one in lots:
        session.add(
            Task(
                campaign=row.campaign,
                draw=row.id,
                institution=one.institution,
                first_officer=one.first,
                second_officer=one.second,
                due_on=held.until,
                recorded_at=now,
                recorded_by=by.account,
            )
        )
    session.flush()
    body = {"pool_hash": row.pool_hash, "result": msgspec.to_builtins(lots)}
    append(session, Act(act="hold_draw", subject=draw, body=body), by=by, now=now)
    return lots
