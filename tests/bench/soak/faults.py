"""What befalls the machines: about once in two weeks, and on every second day of release."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

from tests.bench.soak.machine import Node
from tests.conftest import Server

A_DAY, AT_RELEASE = 1 / 14, 1 / 2
WITHIN = 1.5  # seconds of what the clock does after it was set forward


class Faults:
    """The second node may be killed; the first lives all the months, so that its memory tells of them."""

    def __init__(self, nodes: Sequence[Node], server: Server, seed: int) -> None:
        self.dice = Random(f"faults:{seed}")  # noqa: S311 play
        self.told = Counter[str]()
        self.kinds: dict[str, Callable[[], None]] = {
            "node killed": nodes[1].kill,
            "node stopped for 3 s": lambda: self.dice.choice(nodes).stall(3),
            "database killed": lambda: _again(server),
        }

    def perhaps(self, *, release: bool) -> None:
        """Something fails, somewhere within what the clock does now, and comes back."""
        if self.dice.random() >= (AT_RELEASE if release else A_DAY):
            return
        name = self.dice.choice(list(self.kinds))
        self.told[name + (" at a release" if release else "")] += 1
        time.sleep(self.dice.random() * WITHIN)
        self.kinds[name]()


def _again(server: Server) -> None:
    server.kill()
    server.start()
