"""Every command of `xinyong`, by what it is about."""

from config.commands import (
    backup,
    check,
    cities,
    editions,
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
    "backup",
    "check",
    "cities",
    "editions",
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
