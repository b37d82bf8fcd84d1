"""Every command of `xinyong`, by what it is about."""

from config.commands import check, fairness, past, policy, publish, record, service

__all__ = ["check", "fairness", "past", "policy", "publish", "record", "service"]
