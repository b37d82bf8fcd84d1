"""Where policies are met: the city's folder, the doctor, and `xinyong policy`."""

import json
import shutil
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

import config.commands  # noqa: F401 registers them
from config.cli import xinyong
from config.doctor.city import policies
from config.doctor.signs import Ground
from config.settings import Settings, SettingsError, load_policies, load_settings
from tests.scoring.mistakes import line_of
from tests.scoring.sound import INSPECTION, MEASURES, ROOT, STANDING


@pytest.fixture
def city(tmp_path: Path) -> Settings:
    shutil.copytree(ROOT / "tests/cities/san_francisco", tmp_path / "city")
    environ = {"XINYONG_DATA": str(tmp_path / "data")}
    return load_settings(tmp_path / "city", environ)


def test_a_city_whose_versions_leave_a_day_open_or_share_one_is_refused(city: Settings) -> None:
    assert len(load_policies(city)) == 2
    file = city.policies / "SF-2005.toml"
    text = file.read_text("utf-8")
    for until, said in (("2013-01-01", "没有一版施行"), ("2015-01-01", "两版同时施行")):
        file.write_text(text.replace("until = 2014-01-01", f"until = {until}"), "utf-8")
        with pytest.raises(SettingsError, match=f"SF-2005.toml、SF-2014.toml.*{said}"):
            load_policies(city)
    file.write_text(text.replace("base = 100", "base = true"), "utf-8")
    with pytest.raises(SettingsError, match=r"SF-2005.toml：(?s:.)*第 \d+ 行 scale.base"):
        load_policies(city)


def test_the_doctor_says_when_the_last_version_ends(city: Settings) -> None:
    ground = Ground(settings=city, now=datetime(2016, 5, 1, tzinfo=city.zone))
    assert list(policies(ground)) == ["今天施行 SF-2014，3 项指标"]
    file = city.policies / "SF-2014.toml"
    text = file.read_text("utf-8").replace("since = 2014", "until = 2017-01-01\nsince = 2014")
    file.write_text(text, "utf-8")
    (said,) = policies(ground)
    assert "注意 SF-2014：2017-01-01 起没有一版施行" in str(said)


def test_the_command_says_what_is_wrong_in_which_line_of_which_file(tmp_path: Path) -> None:
    sound, wrong = tmp_path / "sound.toml", tmp_path / "wrong.toml"
    sound.write_text(STANDING, "utf-8")
    wrong.write_text(MEASURES.replace("to = 15", "to = 16"), "utf-8")
    done = CliRunner().invoke(xinyong, ["policy", str(sound), str(wrong)])
    assert done.exit_code == 1
    assert f"{sound}：没有问题" in done.output
    assert f"{wrong}：有 1 处要改" in done.output
    line = line_of(MEASURES, "to = 15")
    assert f"{wrong}:{line} bands[1] 5 · to（现在是 16）：" in done.output


def test_the_command_says_what_a_version_says_and_how_the_versions_follow(tmp_path: Path) -> None:
    first, second = tmp_path / "first.toml", tmp_path / "second.toml"
    third = tmp_path / "third.toml"
    first.write_text(STANDING, "utf-8")
    then = STANDING.replace('id = "T-1"', 'id = "T-2"')
    then = then.replace("since = 2026-01-01\nuntil = 2027-01-01", "since = 2027-01-01")
    third.write_text(then, "utf-8")
    second.write_text(INSPECTION, "utf-8")
    follow = CliRunner().invoke(xinyong, ["policy", str(first), str(third)])
    alone = CliRunner().invoke(xinyong, ["policy", str(second)])
    assert (follow.exit_code, alone.exit_code) == (0, 0)
    for said in (
        "施行  2026-01-01 到 2026-12-31",
        "计分  按当天有效的记录计分，起始 100 分，最低 0 分，加分至多 5 分，按年度，1 月起",
        "等级  B：60 分起，不到 90 分",
        "指标  6 项，其中加分 1 项，限制等级 1 项",
        "  L01  20，最多 41  责令改正  11 个月，到年度末止  复查合格恢复一半  一般失信  地址不符  《办法》第一条\n",
        "  L02  7  经陈述申辩后确认  本年度  期满停止计分  分组 安全  隐患（旧）（到 2026-06-30）  《办法》第一条\n",
        "  L02  8  经陈述申辩后确认  本年度  期满停止计分  分组 安全  隐患（新）（2026-07-01 起）  《办法》第一条\n",
        "  L03  否决，最高 C，提请列入黑名单  处罚决定生效或者法院作出裁判  本年度  ",
        "  L04  10，每满 31 天未改正加记 5，最多 30  ",
        "  J01  加2  确认  本年度  表彰  《办法》第一条\n",
        "分组  安全各项（安全）：合计最多 15 分（L02）  《办法》第一条\n",
        "白名单  7 个条件：\n    许可证有效（办学许可证有效）  《办法》第一条\n",
        "施行  2027-01-01 起",
        "各版的施行日期前后相接。",
    ):
        assert said in follow.output
    for said in (
        "计分  按最近一次检查计分，只看首次、复查，起始 0 分，最高 50 分，越少越好",
        "等级  中：高于 5 分，不超过 5.5 分",
    ):
        assert said in alone.output
    third.write_text(STANDING.replace('id = "T-1"', 'id = "T-2"'), "utf-8")
    done = CliRunner().invoke(xinyong, ["policy", str(first), str(third)])
    assert done.exit_code == 1
    assert "2026-01-01 到 2026-12-31 两版同时施行" in done.output
    done = CliRunner().invoke(xinyong, ["policy", "--json", str(first), str(third)])
    told = json.loads(done.output)
    assert done.exit_code == 1
    assert [one["policy"]["id"] for one in told["files"]] == ["T-1", "T-2"]
    assert len(told["versions"]) == 1
