"""What a policy may say wrongly though each of its values is well written: every fault, by subject."""

from collections.abc import Iterator

from scoring.loading.checks import bands, caps, indicators, scale, unrated, white
from scoring.loading.checks.rule import Fault
from scoring.policy import Policy

__all__ = ["Fault", "faults"]


def faults(policy: Policy) -> Iterator[Fault]:
    """Every fault of a policy; what rests on a value that could not be read is passed over."""
    for subject in (scale, unrated, bands, indicators, caps, white):
        yield from subject.faults(policy)
