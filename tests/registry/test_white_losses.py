"""Whom an edition takes off the white list, and who of them has been heard before it is signed."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine

from registry import acts, queries
from registry.database import writing
from registry.drafts import Draft, DraftLine
from registry.errors import FormRefused
from registry.queries.white_losses import Loss, LossLine, white_losses
from tests.registry import people as p


def leaving(institution: str, edition: str) -> Draft:
    """An edition that takes one institution off the white list."""
    line = DraftLine(
        kind="removed",
        list="white",
        institution=institution,
        name="晨光",
        jurisdiction="330203",
        before="white A",
        after="none C",
        why="年检不合格",
    )
    return Draft(edition=edition, digest="a" * 64, against="", counts={}, was={}, lines=(line,))


def test_who_was_heard_before_an_earlier_loss_is_heard_anew_before_the_next(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        told = Loss(institution=id, because="保险已过期")
        (first,) = acts.tell_of_losses(
            session, [told], "2026-03", by=p.QIAN, now=p.nine("2026-03-02")
        )
        over = p.nine("2026-03-20")
        acts.keep_places(session, {id}, {id}, by=p.QIAN, now=over)
        assert queries.matter(session, first).line.state == "unanswered"
        acts.lose_places(session, leaving(id, "2026-04"), by=p.QIAN, now=over)
        assert queries.matter(session, first).line.state == "removed"

        # It is on the list again, and the next edition would take it off for something it was never told of.
        draft, now = leaving(id, "2026-11"), datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        with pytest.raises(FormRefused, match="没有满"):
            acts.hasten_losses(session, draft, "", by=p.ZHOU, now=now)
        assert acts.hasten_losses(session, draft, "家长要及时知道", by=p.ZHOU, now=now) == [id]
        assert white_losses(session, [id])[id].state == "hastened"


@pytest.mark.parametrize(
    ("told", "now", "same"),
    [
        ("办学许可证已于 2026-05-01 到期。", "办学许可证已于 2026-05-01 到期。", True),
        ("有 1 项整改逾期。", "有 12 项整改逾期。", True),
        ("信用等级 C，要求 A、B。", "信用等级 D，要求 A、B。", True),
        ("2026 年度年检基本合格。有 1 项整改逾期。", "有 2 项整改逾期。", True),
        ("2026 年度年检基本合格。", "2026 年度年检不合格。", False),
        ("有 1 项整改逾期。", "有 1 项整改逾期。缺少有效的履约保险。", False),
        ("", "没有有效的办学许可证。", False),
    ],
)
def test_a_reason_is_the_same_whatever_its_days_and_numbers(
    told: str, now: str, same: bool
) -> None:
    notice = LossLine(
        matter="YC1",
        institution="NB-1",
        state="notified",
        told_on=date(2026, 10, 13),
        due_on=None,
        because=told,
    )
    assert notice.is_told_of(now) is same
