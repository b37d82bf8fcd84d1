"""The city a command is for: the one of the environment, or one of an installation of several."""

import os
from pathlib import Path

import click

from config.cities.installation import CITIES, Installation, Member, load_installation
from config.settings import Settings, SettingsError, load_settings


def installation() -> Installation | None:
    """The installation of several cities the environment names, or None where there is one city."""
    named = os.environ.get(CITIES, "")
    return load_installation(Path(named)) if named else None


def named_city() -> str:
    """What `--city` says; empty where it was not written."""
    context = click.get_current_context(silent=True)
    return str((context.find_root().params.get("city") if context else "") or "")


def member_at_hand() -> Member | None:
    """The city of an installation that the command is for; None where there is one city alone.

    Raises SettingsError where `--city` is missing or names none.
    """
    whole, id = installation(), named_city()
    if whole is None:
        if id:
            said = f"写了 --city {id}，环境变量 {CITIES} 却没有值。请把它设为 cities.toml 的路径。"
            raise SettingsError(said)
        return None
    if not id and len(whole.members) == 1:
        return whole.members[0]
    if not id:
        known = "、".join(one.id for one in whole.members)
        raise SettingsError(f"有几个市，请写明办哪一个：xinyong --city 编号 …。编号有：{known}。")
    return whole.member(id)


def settings_at_hand() -> Settings:
    """The settings of the city a command is for."""
    member = member_at_hand()
    return member.settings if member else load_settings()
