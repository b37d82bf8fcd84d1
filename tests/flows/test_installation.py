"""`cities.toml`: everything that is wrong is told at once, with field, value and remedy; and whose a command is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.cities.file import InstallationRefused, host_of
from config.cities.hosting import CitiesRefused, houses_of
from config.cities.installation import load_installation
from config.cities.rewriting import write_server
from config.settings import SettingsError
from tests.flows.cities import city_folder, installation_file

EAST = "postgresql+psycopg://db-east/xinyong"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Folders of three cities."""
    for at in range(3):
        city_folder(tmp_path / f"city{at}", at)
    return tmp_path


def table(at: int, **changed: object) -> str:
    """A sound table of a city, but for what is changed; None takes a field away."""
    said: dict[str, object] = {
        "folder": f"city{at}",
        "data": f"data/city{at}",
        "hosts": [f"city{at}.example"],
        "server": "east",
        **changed,
    }
    lines = [f"{key} = {value!r}" for key, value in said.items() if value is not None]
    return "\n".join([f"[cities.city{at}]", *lines, ""])


HEAD = f'[servers]\neast = "{EAST}"\n'
# What is written, and the words each of which the refusal must hold.
REFUSED = {
    "no city": (HEAD, ["字段 cities", "[cities.ningbo]"]),
    "a city that is called like a page": (
        f'{HEAD}[cities.search]\nfolder = "city0"\ndata = "x"\n',
        ["字段 cities", "“search”", "小写字母"],
    ),
    "an unknown field": (HEAD + table(0, hots=["a.example"]), ["cities.city0.hots", "README"]),
    "two mistakes in one table": (
        HEAD + table(0, hots=["a.example"], data=3),
        ["2 处", "cities.city0.hots", "cities.city0.data", "“3”"],
    ),
    "an unknown field at the top": ("titel = 'x'\n" + HEAD + table(0), ["titel", "“x”", "title"]),
    "no folder": (HEAD + table(0, folder=None), ["cities.city0.folder"]),
    "a folder that is not there": (
        HEAD + table(0, folder="nowhere"),
        ["[cities.city0]", "nowhere/city.toml", "找不到"],
    ),
    "another city's folder": (HEAD + table(0, folder="city1"), ["“city1”", "“city0”"]),
    "no host name": (
        HEAD + table(0, hosts=["https://a.example/"]),
        ["hosts", "https://a.example/"],
    ),
    "the host of another": (
        HEAD + table(0) + table(1, hosts=["CITY0.example."]),
        ["cities.city1.hosts", "“CITY0.example.”", "cities.city0.hosts"],
    ),
    "the common host": (
        'hosts = ["city0.example"]\n' + HEAD + table(0),
        ["cities.city0.hosts", "“city0.example”", "hosts 已经用了它"],
    ),
    "the data of another": (
        HEAD + table(0) + table(1, data="data/city0"),
        ["cities.city1.data", "cities.city0.data"],
    ),
    "an unknown server": (
        HEAD + table(0, server="west"),
        ["cities.city0.server", "“west”", "east"],
    ),
    "a role without a server": (
        HEAD + table(0, server=None, role="me"),
        ["cities.city0.role", "SQLite"],
    ),
    "a server that is none": (
        '[servers]\neast = "mysql://u:secret@h/x"\n' + table(0),
        ["servers.east", "postgresql+psycopg://"],
    ),
    "secrets that are not there": (
        HEAD + table(0, secrets="no.env"),
        ["cities.city0.secrets", "no.env"],
    ),
}


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_the_mark_of_an_editor_on_windows_is_no_mistake(mark: str, root: Path) -> None:
    file = root / "cities.toml"
    file.write_text(mark + HEAD + table(0), "utf-8")
    assert [one.id for one in load_installation(file, {}).members] == ["city0"]
    file.write_text(mark + table(0) + HEAD, "utf-8")
    assert write_server(file, "city0", "west")
    assert 'server = "west"' in file.read_text("utf-8")


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_named_with_its_remedy(name: str, root: Path) -> None:
    written, words = REFUSED[name]
    file = root / "cities.toml"
    file.write_text(written, "utf-8")
    with pytest.raises(InstallationRefused) as refused:
        load_installation(file, {})
    for word in words:
        assert word in str(refused.value), str(refused.value)
    assert "secret@" not in str(refused.value)


def test_all_mistakes_of_all_cities_are_told_at_once(root: Path) -> None:
    for at in (1, 2):
        city = root / f"city{at}" / "city.toml"
        text = city.read_text("utf-8").replace('"HZ"', '"NB"').replace('"WZ"', '"NB"')
        city.write_text(f'schema = "same"\n{text}', "utf-8")
    file = root / "cities.toml"
    again = table(2, hosts=["city1.example"])
    file.write_text(HEAD + table(0, server="west") + table(1) + again, "utf-8")
    with pytest.raises(InstallationRefused) as refused:
        load_installation(file, {})
    told = "\n".join(refused.value.sentences)
    assert len(refused.value.sentences) == 4, told
    for word in ("cities.city0.server", "cities.city2.hosts", "prefix", "schema"):
        assert word in told


def test_a_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="XINYONG_CITIES"):
        load_installation(tmp_path / "nowhere.toml", {})
    with pytest.raises(SettingsError, match="是一个文件夹"):
        load_installation(tmp_path, {})
    (tmp_path / "broken.toml").write_text("[cities", "utf-8")
    with pytest.raises(SettingsError, match="TOML"):
        load_installation(tmp_path / "broken.toml", {})


def test_each_city_has_its_own_secrets_and_none_of_the_machine(root: Path) -> None:
    secrets = root / "city0.env"
    secrets.write_text("# the mail of city0\nXINYONG_MAIL_PASSWORD=a=b\n", "utf-8")
    secrets.chmod(0o600)
    file = root / "cities.toml"
    file.write_text(HEAD + table(0, secrets="city0.env", role="city0_app") + table(1), "utf-8")
    environ = {
        "XINYONG_MAIL_PASSWORD": "another",
        "XINYONG_DATA": "/x",
        "XINYONG_WATCHERS": "10.0.0.0/8",
    }
    one, other = load_installation(file, environ).members
    assert (one.settings.mail_password, other.settings.mail_password) == ("a=b", "")
    assert one.settings.watchers == other.settings.watchers == "10.0.0.0/8"
    assert one.settings.database == "postgresql+psycopg://city0_app@db-east/xinyong"
    assert (one.settings.schema, other.settings.schema) == ("city_city0", "city_city1")
    secrets.chmod(0o644)
    with pytest.raises(InstallationRefused, match="chmod 600"):
        load_installation(file, environ)
    secrets.chmod(0o600)
    secrets.write_text("XINYONG_DATABASE=x\n", "utf-8")
    with pytest.raises(InstallationRefused, match="XINYONG_DATABASE"):
        load_installation(file, environ)


def test_hosts_are_compared_as_browsers_send_them() -> None:
    assert host_of("Ningbo.Example.") == "ningbo.example"
    assert host_of("宁波.example") == "xn--ihqq1s.example" or host_of("宁波.example").startswith(
        "xn--"
    )
    for wrong in ("", "a b", "a/b", "a:80", "http://a", "-a.example", "a..b", "x" * 300):
        assert host_of(wrong) == "", wrong


def test_what_cannot_be_served_is_refused_before_anything_is_opened(root: Path) -> None:
    file = root / "cities.toml"
    file.write_text(HEAD + table(0, hosts=[]) + table(1) + table(2), "utf-8")
    for policy in (root / "city1" / "policy").glob("*.toml"):
        policy.unlink()
    (root / "city2" / "holidays" / "2026.toml").write_text("off = 3", "utf-8")
    with pytest.raises(CitiesRefused) as refused:
        houses_of(load_installation(file, {}), schedule=False, public=None)
    for word in ("cities.city0.hosts", "杭州市", "温州市", "3 处"):
        assert word in str(refused.value), str(refused.value)
    with pytest.raises(CitiesRefused) as refused:
        houses_of(load_installation(file, {}), schedule=False, public=root / "public")
    for word in ("共同的 hosts", "public/city0", "public/city1", "public/city2"):
        assert word in str(refused.value), str(refused.value)


def run(*words: str, **environ: str) -> tuple[int, str]:
    """A command, its status and all it says."""
    command = [sys.executable, "-m", "config", *words]
    own = {**os.environ, **environ}
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_every_command_is_one_citys(tmp_path: Path) -> None:
    file = installation_file(tmp_path, 2, {})
    environ = {"XINYONG_CITIES": str(file)}
    assert run("migrate", **environ)[0] == 2
    assert "city0、city1" in run("migrate", **environ)[1]
    assert run("--city", "city0", "migrate", **environ)[0] == 0
    assert (tmp_path / "data/city0/register.db").is_file()
    assert not (tmp_path / "data/city1/register.db").exists()
    status, said = run("--city", "city9", "ledger", **environ)
    assert (status, "city0、city1" in said) == (2, True)
    status, said = run("--city", "city0", "ledger")
    assert (status, "XINYONG_CITIES" in said) == (2, True)
    status, said = run("cities", **environ)
    assert status == 1
    assert "杭州市" in said
    assert "没有登记册" in said
    status, said = run("--city", "city0", "migrate", "--grant", "app", **environ)
    assert (status, "SQLite" in said) == (2, True)
    assert "杭州市" in run("--city", "city1", "doctor", **environ)[1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('[cities.a]\nserver = "east"  # here\n[cities.b]\nserver = "east"\n', '"west"  # here'),
        ("[cities.a]\nfolder = 'x'\n\nserver='east'\n", 'server="west"'),
        ('[cities."a"]\nserver = "east"\n', 'server = "west"'),
        ('[cities.a]\nserver = "west"\n', 'server = "west"'),
    ],
)
def test_a_move_changes_one_word_of_the_file(before: str, after: str, tmp_path: Path) -> None:
    file = tmp_path / "cities.toml"
    file.write_text(before, "utf-8")
    assert write_server(file, "a", "west")
    text = file.read_text("utf-8")
    assert after in text
    assert text.count("east") == before.count("[cities.b]")


@pytest.mark.parametrize(
    "before",
    [
        'cities = {a = {server = "east"}}\n',
        '[cities.a]\nnote = """\nserver = "east"\n"""\nserver = "east"\n',
    ],
)
def test_a_file_that_is_written_otherwise_is_left_to_a_person(before: str, tmp_path: Path) -> None:
    file = tmp_path / "cities.toml"
    file.write_text(before, "utf-8")
    assert not write_server(file, "a", "west")
    assert file.read_text("utf-8") == before
