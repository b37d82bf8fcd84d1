"""`city.toml` and the files beside it: every mistake is told at once, with its line and what to write instead."""

import re
import shutil
from pathlib import Path

import pytest

from config.settings import SettingsError, load_checks, load_settings

CONFIG = Path(__file__).parents[2] / "config"
TEXT = (CONFIG / "city.toml").read_text("utf-8")
MARK = b"\xef\xbb\xbf"
ALONE = 'id = "dongguan"\nprefix = "DG"\nname = "东莞市"\norgan = "东莞市教育局"\n'
# What is written for what, and the words each of which one line of the refusal holds, line by line.
REFUSED: dict[str, tuple[tuple[tuple[str, str], ...], tuple[tuple[str, ...], ...]]] = {
    "a prefix that nobody can type": (
        (('prefix = "NB"', 'prefix = "宁 波/"'),),
        (("第 4 行", "prefix", "“宁 波/”", "大写英文字母"),),
    ),
    "a prefix that is too long": (
        (('prefix = "NB"', 'prefix = "NINGBOO"'),),
        (("第 4 行", "prefix", "NINGBOO"),),
    ),
    "a jurisdiction without a name": (
        (('name = "海曙区"', 'name = ""'),),
        (("第 114 行", "jurisdictions[1].name", "请填写"),),
    ),
    "a number that is too long": (
        (('id = "330205"', f'id = "{"3" * 21}"'),),
        (("第 121 行", "jurisdictions[2].id", "“333", "20 个字"),),
    ),
    "a jurisdiction that ends before it begins": (
        (("since = 2019-07-09", "since = 2019-07-09\nuntil = 2018-01-01"),),
        (("第 222 行", "jurisdictions[14].until", "2018-01-01", "早于起始日期 2019-07-09"),),
    ),
    "two of one name": (
        (('name = "江北区"', 'name = "海曙区"'),),
        (("第 122 行", "jurisdictions[2].name", "海曙区", "330203 和 330205"),),
    ),
    "two of one number": (
        (('id = "330205"', 'id = "330203"'),),
        (("jurisdictions[2].id", "330203", "只能出现一次"),),
    ),
    "a parent that is not there": (
        (('parent = "330282"', 'parent = "330283"'),),
        (("jurisdictions[14].parent", "330283"),),
    ),
    "a square that is none": (
        (("tile = [1, 0]", "tile = [1, 20]"),),
        (("jurisdictions[14].tile", "0 到 19"),),
    ),
    "a zone of time that is none": (
        (("Asia/Shanghai", "Asia/Ningbo"),),
        (("timezone", "Asia/Ningbo", "Asia/Shanghai"),),
    ),
    "mistakes of all kinds together": (
        (
            ('prefix = "NB"', 'prefox = "NB"'),
            ("hour = 9", "hour = 99"),
            ("min_institutions = 1", 'min_institutions = "一"'),
            ("A = 1", 'A = "一"'),
            ("since = 2013-01-01", 'since = "2013"'),
            ("organ = ", "organs = "),
        ),
        (
            ("prefix 没有写",),
            ("organ 没有写",),
            ("第 4 行", "prefox", "“NB”", "title"),
            ("第 6 行", "organs", "宁波市教育局"),
            ("第 21 行", "publication.hour", "“99”", "0 到 23"),
            ("第 28 行", "gate.min_institutions", "“一”", "整数"),
            ("第 40 行", "draw.grades.A", "“一”", "整数"),
            ("第 125 行", "jurisdictions[2].since", "“2013”", "日期"),
        ),
    ),
    "what is no TOML": ((("hour = 9", "hour = 九"),), (("第 21 行", "TOML"),)),
}


def refusal(folder: Path, raw: bytes) -> list[str]:
    """What is said of a file, line by line."""
    (folder / "city.toml").write_bytes(raw)
    with pytest.raises(SettingsError) as refused:
        load_settings(folder, {})
    return str(refused.value).splitlines()


@pytest.mark.parametrize("name", REFUSED)
def test_every_mistake_is_told_with_its_line_and_the_remedy(name: str, tmp_path: Path) -> None:
    written, wanted = REFUSED[name]
    text = TEXT
    for old, new in written:
        assert old in text
        text = text.replace(old, new, 1)
    lines = refusal(tmp_path, text.encode())
    assert len(lines) == len(wanted), lines
    for line, words in zip(lines, wanted, strict=True):
        assert line.startswith(str(tmp_path / "city.toml"))
        assert all(word in line for word in words), line


def test_a_name_may_come_back_once_the_other_has_ended(tmp_path: Path) -> None:
    old = 'name = "北仑区"\nuntil = 2016-09-13'
    text = TEXT.replace('name = "北仑区"', old).replace('name = "鄞州区"', 'name = "北仑区"')
    (tmp_path / "city.toml").write_text(text, "utf-8")
    assert len(load_settings(tmp_path, {}).jurisdictions) == 14


def test_a_city_without_districts_is_told_to_be_its_own(tmp_path: Path) -> None:
    (line,) = refusal(tmp_path, ALONE.encode())
    shown = re.search(r"(\[\[\w+\]\]) 下面写 (id = .*)。", line)
    assert shown
    remedy = f"{shown[1]}\n{shown[2]}".replace("、", "\n")
    (tmp_path / "city.toml").write_text(f"{ALONE}{remedy}\n", "utf-8")
    (only,) = load_settings(tmp_path, {}).jurisdictions
    assert (only.name, only.organ) == ("东莞市", "东莞市教育局")


def test_the_mark_of_an_editor_on_windows_is_no_mistake(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "city", ignore=shutil.ignore_patterns("*.py", "demo"))
    files = [tmp_path / "city/city.toml", *(tmp_path / "city/checklists").glob("*.toml")]
    assert len(files) > 1
    for file in files:
        file.write_bytes(MARK + file.read_bytes().replace(b"\n", b"\r\n"))
    settings = load_settings(tmp_path / "city", {})
    assert load_checks(settings) == load_checks(load_settings(None, {}))
    (line,) = refusal(tmp_path, MARK + b"\nprefix = NB\n")
    assert "第 2 行" in line


def test_a_file_that_is_there_and_cannot_be_read_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(SettingsError, match=r"找不到.*XINYONG_CITY"):
        load_settings(tmp_path, {})
    (tmp_path / "city.toml").mkdir()
    with pytest.raises(SettingsError, match="是一个文件夹"):
        load_settings(tmp_path, {})

    def refuses(file: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(file))

    monkeypatch.setattr(Path, "read_bytes", refuses)
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, {})
    said = str(refused.value)
    assert "找不到" not in said
    for word in (str(tmp_path / "city.toml"), "没有权限读", "chown -R root:xinyong", "sudo"):
        assert word in said


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("XINYONG_DATA", "{file}", "是文件，不是文件夹"),
        ("XINYONG_DATA", "{file}/data", "是文件，不是文件夹"),
        ("XINYONG_DATA", "/" + "长" * 300, "XINYONG_DATA"),
        ("XINYONG_DATABASE", "postgresql+psycopg://u:geheim@h:abc/x", "h:abc/x”不能用"),
        ("XINYONG_DATABASE", "postgresql+psycopg://u:geheim@h:99999/x", "h:99999/x”不能用"),
        ("XINYONG_DATABASE", "oracle://h/x", "请写 sqlite:///"),
    ],
)
def test_an_address_that_cannot_be_is_named_before_anything_is_made(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    file = tmp_path / "file"
    file.write_text("", "ascii")
    with pytest.raises(SettingsError, match=name) as refused:
        load_settings(None, {name: value.format(file=file)})
    assert said in str(refused.value)
    assert "geheim" not in str(refused.value)
    assert list(tmp_path.iterdir()) == [file]
