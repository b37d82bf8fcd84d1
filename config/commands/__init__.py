"""Every command of `xinyong`, by what it is about."""

from config.commands import (
    check,
    fairness,
    lots,
    past,
    policy,
    publish,
    push,
    record,
    report,
    service,
    withdraw,
)

__all__ = [
    "check",
    "fairness",
    "lots",
    "past",
    "policy",
    "publish",
    "push",
    "record",
    "report",
    "service",
    "withdraw",
]
