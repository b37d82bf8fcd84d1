"""The gate as the desk uses it; freezing an edition is the composition root's, for the register cannot."""

from collections.abc import Callable
from datetime import datetime

from msgspec import Struct

from registry.access import Actor
from registry.drafts import Violation
from registry.errors import RegistryError


class Doubted(RegistryError):
    """An edition that nobody may sign as it is; every reason with its remedy."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        self.violations = violations
        super().__init__("没有拟制：" + "".join(one.sentence for one in violations))


class Gate(Struct, frozen=True, kw_only=True):
    """What the desk asks for at the gate.

    `prepare` freezes a period's edition, or its supplementary one, and puts it before the second person; it
    gives the edition's name and raises Doubted. `sign` signs the edition of a name and digest if that is
    what the register still makes of it, and raises Conflict where it is not; its last word is why somebody
    leaves the white list unheard. `moment` is when a month's
    edition is released, `wanted` the period whose edition is to be prepared next.
    """

    prepare: Callable[[str, bool, Actor, datetime], str]
    sign: Callable[[str, str, Actor, datetime, str], None]
    moment: Callable[[str], datetime]
    wanted: Callable[[datetime], str]
