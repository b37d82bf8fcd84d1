"""Every command of `xinyong`, by what it is about."""

from config.commands import check, publish, record, service

__all__ = ["check", "publish", "record", "service"]
