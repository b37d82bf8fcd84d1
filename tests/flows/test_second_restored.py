"""A machine is lost, and whoever signs in with a second factor signs in on the next one as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pyotp
import pytest
from click.testing import CliRunner

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from config.key_files import SECOND
from config.settings import Settings
from tests.conftest import served
from tests.flows.kept_city import backed_up, drop, environ_of
from tests.flows.small_city import HTML, PASSWORD, Town, town
from tests.flows.test_sign_in import enrolled, opened, signing_in


@pytest.fixture(params=["sqlite", "postgresql"])
def lost(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Town, str, str]]:
    """A city whose head has set up a second factor; its secret, and a code for a lost phone."""
    on = request.getfixturevalue("postgres") if request.param == "postgresql" else ""
    with town(tmp_path / "data", on, fictional=False) as made:
        opened(made, "ruling", role="head")
        secret, codes, _ = enrolled(signing_in(made, "ruling"))
        yield made, secret, codes[0]


@contextmanager
def elsewhere(settings: Settings, file: Path) -> Iterator[tuple[str, httpx.Client]]:
    """What restoring into an empty place said, and a browser before what is served there."""
    data = file.parent.parent / "elsewhere"
    drop(settings)
    said = CliRunner(env={"XINYONG_DATABASE": "", **environ_of(settings)}).invoke(
        xinyong, ["restore", str(file), "--into", str(data)]
    )
    assert said.exit_code == 0, said.output + repr(said.exception)
    environ = {"XINYONG_DATA": str(data), "XINYONG_CITY": str(data / "city")}
    with (
        served("--no-schedule", **environ, **environ_of(settings)) as url,
        httpx.Client(base_url=url, headers=HTML) as browser,
    ):
        browser.post("/sign-in", data={"account": "ruling", "password": PASSWORD})
        yield said.output, browser


def code_of(secret: str, settings: Settings) -> str:
    """The next code, for the one of now has served."""
    return pyotp.TOTP(secret).at(datetime.now(settings.zone) + timedelta(seconds=30))


def test_the_same_phone_signs_in_after_a_restoration(
    lost: tuple[Town, str, str], tmp_path: Path
) -> None:
    city, secret, _ = lost
    file = backed_up(city.settings, tmp_path / "out/a.backup", checking=True)
    assert file.checked is not None
    assert file.checked.notes == ()
    with elsewhere(city.settings, file.file) as (said, browser):
        assert "两步验证" not in said
        assert browser.get("/desk/").status_code == 403
        answer = browser.post("/sign-in/second", data={"otp": code_of(secret, city.settings)})
        assert answer.status_code == 303
        assert browser.get("/desk/").status_code == 200


@pytest.mark.parametrize("lost", ["sqlite"], indirect=True)
def test_without_its_key_the_backup_and_the_restoration_say_who_is_locked_out(
    lost: tuple[Town, str, str], tmp_path: Path
) -> None:
    city, secret, spare = lost
    key = (city.settings.keys / SECOND).read_bytes()
    (city.settings.keys / SECOND).unlink()
    file = backed_up(city.settings, tmp_path / "out/a.backup", checking=True)
    assert file.checked is not None
    (note,) = file.checked.notes
    assert note.startswith("两步验证的密钥 keys/second.key 不在备份里，打不开 1 个账户（ruling）")
    with elsewhere(city.settings, file.file) as (said, browser):
        assert note in said
        assert "xinyong user rekey" in note
        refused = browser.post("/sign-in/second", data={"otp": code_of(secret, city.settings)})
        assert refused.status_code == 403
        assert "您的手机没有问题" in refused.text
        assert browser.post("/sign-in/second", data={"otp": spare}).status_code == 303
        # The key turns up in another backup: nothing has to be started anew.
        place = tmp_path / "elsewhere/keys" / SECOND
        place.write_bytes(key)
        other = httpx.Client(base_url=browser.base_url, headers=HTML)
        other.post("/sign-in", data={"account": "ruling", "password": PASSWORD})
        answer = other.post("/sign-in/second", data={"otp": code_of(secret, city.settings)})
        assert answer.status_code == 303
        other.close()
