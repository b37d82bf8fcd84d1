"""The address that stands in a paper's code is the city's own, or a mistake that is named."""

import shutil
from pathlib import Path

import pytest

from config.settings import SettingsError, load_settings


@pytest.mark.parametrize(
    ("site", "works"),
    [
        ("", True),
        ("https://credit.example.gov.cn/a/", True),
        ("credit.example.gov.cn", False),
        ("https://credit.example.gov.cn", False),
        ("https://a b/", False),
    ],
)
def test_the_site_is_a_whole_address_or_nothing(tmp_path: Path, site: str, works: bool) -> None:
    city = tmp_path / "city"
    shutil.copytree("config", city, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (city / "city.toml").read_text("utf-8").replace('site = ""', f'site = "{site}"')
    (city / "city.toml").write_text(text, "utf-8")
    if works:
        assert load_settings(city, {"XINYONG_DATA": str(tmp_path)}).city.site == site
        return
    with pytest.raises(SettingsError, match=r"site.*请写完整的网址"):
        load_settings(city, {"XINYONG_DATA": str(tmp_path)})
