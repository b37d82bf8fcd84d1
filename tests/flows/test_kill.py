"""A process killed at any step of an edition's way leaves the old edition or the new one, whole, and goes on."""

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from config.settings import Settings
from registry.database import reading
from registry.ledger import check
from tests.flows.publishing_city import (
    LAST,
    PERIOD,
    Copies,
    acts_of,
    approve,
    copies,
    disagreements,
    in_a_child,
    killed_at,
    prepare,
    register,
    release,
    served_now,
    states,
)

__all__ = ["copies"]
WAY: dict[str, Callable[[Settings], None]] = {
    "prepare": prepare,
    "approve": approve,
    "release": release,
}
AFTER = {"prepare": "prepared", "approve": "approved", "release": "released"}


@pytest.fixture(scope="module")
def begun(copies: Copies) -> Iterator[dict[str, Settings]]:
    """The city just before each act."""
    with copies.copy() as none, copies.copy() as prepared:
        prepare(prepared)
        with copies.copy(prepared) as approved:
            approve(approved)
            yield {"prepare": none, "approve": prepared, "release": approved}


@pytest.mark.parametrize("act", WAY)
def test_whenever_an_act_is_killed_it_is_done_or_not_and_can_be_done_again(
    copies: Copies, begun: dict[str, Settings], act: str
) -> None:
    step = 0
    while True:
        step += 1
        with copies.copy(begun[act]) as settings:
            ended = in_a_child(partial(WAY[act], settings), killed_at(step))
            assert ended in (0, -signal.SIGKILL), f"{act}, step {step}"
            shown = served_now(settings)
            assert shown == LAST or (act == "release" and shown == PERIOD), f"{act}, step {step}"
            goes_on(settings, act)
            assert states(settings)[PERIOD] == AFTER[act], f"{act}, step {step}"
            assert served_now(settings) == (PERIOD if act == "release" else LAST)
            done = acts_of(settings)
            assert done.count(f"{act}_edition") == 1 or act == "prepare", f"{act}, step {step}"
            whole(settings)
        if ended == 0:
            break
    assert step > 3, "nothing was killed"


def goes_on(settings: Settings, act: str) -> None:
    """What is done after a restart: what is done already is not done again."""
    if states(settings).get(PERIOD) != AFTER[act]:
        WAY[act](settings)
    elif act == "release":
        release(settings)


def whole(settings: Settings) -> None:
    with register(settings) as engine, reading(engine) as session:
        assert check(session) == []
        assert disagreements(settings, engine) == []
    left = [one for one in os.listdir(settings.editions) if one.startswith("0-staging")]
    assert left == []
