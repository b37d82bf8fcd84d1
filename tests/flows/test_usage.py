"""A slip in a command line is answered in Chinese, with what stands there and the remedy."""

import shlex
from pathlib import Path
from socket import gaierror

import click
import pytest

from config.cities.hints import for_city
from config.cli import main
from config.mistakes import sentence_of
from config.usage import usage_words
from tests.flows.cities import city_folder

# What is typed ⇒ what is said.
SLIPS = """
policies ⇒ 没有命令“policies”。想写的也许是 policy。
评分 ⇒ 没有命令“评分”。
policy ⇒ 缺少 FILE...，请补上。
policy --jsn x ⇒ 没有选项 --jsn。想写的也许是 --json。
policy --zzzzzz x ⇒ 没有选项 --zzzzzz。
policy /tmp ⇒ FILE... 的值不能用：“/tmp”是一个文件夹，这里需要一个文件。
policy /没有 ⇒ FILE... 的值不能用：找不到“/没有”，请检查路径。
backtest /tmp ⇒ 缺少 --data，请补上。
backtest README.md --data /tmp ⇒ AUTHORITY 的值不能用：“README.md”是一个文件，这里需要一个文件夹。
assess a b ⇒ 多写了“b”，请删去。
assess --on ⇒ 选项 --on 后面要写一个值，请补上。
assess --json=5 ⇒ 选项 --json 后面不写值，请删去。
assess --on 2026-02-30 ⇒ --on 的值不能用：“2026-02-30”不是日期，请写成 2026-01-31 这样的一天。
assess --on '二月\x1b' ⇒ --on 的值不能用：“二月\\x1b”不是日期，请写成 2026-01-31 这样的一天。
replay README.md --months 0 ⇒ --months 的值不能用：“0”超出范围，请写 1<=x<=1200 的数。
draw README.md ⇒ README.md 不是抽取文件（第 1 个字节起不合写法）。请从抽取页重新下载。
draw tests/data/hostile_strings.json ⇒ tests/data/hostile_strings.json 不是抽取文件（应当是一组名称和值，现在是列表）。请从抽取页重新下载。
replay README.md --months 一 ⇒ --months 的值不能用：“一”不是数，请写一个数。
"""


@pytest.mark.parametrize("row", SLIPS.strip().splitlines())
def test_a_slip_in_a_command_line_is_named_with_its_remedy(
    row: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed, _, said = row.partition(" ⇒ ")
    monkeypatch.setattr("sys.argv", ["xinyong", *shlex.split(typed)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    first, *more = capsys.readouterr().err.splitlines()
    assert first == f"错误：{said}"
    assert all(one.endswith("--help") for one in more)


def test_what_a_command_says_itself_stays_as_it_is() -> None:
    assert (
        usage_words(click.UsageError("起始日期晚于截止日期，请改正。"))
        == "起始日期晚于截止日期，请改正。"
    )
    assert (
        usage_words(click.BadParameter("请写明", param_hint="--by")) == "--by 的值不能用：请写明。"
    )


def test_no_words_at_all_are_answered_with_all_commands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["xinyong"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "检查评分办法" in capsys.readouterr().err


def test_a_command_named_in_a_remedy_is_one_for_the_city_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = [
        f'[cities.{city_folder(tmp_path / str(at), at)}]\nfolder = "{at}"\ndata = "data{at}"\n'
        for at in range(2)
    ]
    (tmp_path / "cities.toml").write_text("".join(tables), "utf-8")
    monkeypatch.setenv("XINYONG_CITIES", str(tmp_path / "cities.toml"))
    for words in ("assess", "doctor", "user list"):
        monkeypatch.setattr("sys.argv", ["xinyong", "--city", "city1", *words.split()])
        with pytest.raises(SystemExit):
            main()
        told = "".join(capsys.readouterr())
        assert "xinyong --city city1 migrate" in told
        assert "xinyong migrate" not in told
    monkeypatch.setattr("sys.argv", ["xinyong", "cities"])
    with pytest.raises(SystemExit):
        main()
    told = capsys.readouterr().out
    assert all(f"xinyong --city city{at} migrate" in told for at in range(2))


def test_what_is_for_an_installation_is_for_no_city() -> None:
    assert for_city("请执行 xinyong cities。", "a") == "请执行 xinyong cities。"
    assert for_city("请执行 xinyong doctor。", "") == "请执行 xinyong doctor。"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (gaierror(-2, "Name or service not known"), "找不到这个主机"),
        (ValueError("embedded null byte"), "看不见的空字符"),
    ],
)
def test_what_the_system_says_in_english_is_told_in_chinese(mistake: Exception, said: str) -> None:
    sentence = sentence_of(mistake)
    assert sentence is not None
    assert said in sentence
    assert sentence_of(ValueError("a defect")) is None
