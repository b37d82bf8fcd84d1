"""Every command of `xinyong`, by what it is about."""

from config.commands import backup, check, fairness, lots, past, policy, publish, record, service

__all__ = ["backup", "check", "fairness", "lots", "past", "policy", "publish", "record", "service"]
