"""A penalty on the spot over HTTP: from the finding to the paper, the file, the clock and the institution."""

import re
import subprocess
from datetime import timedelta

from tests.flows.small_city import Town, city, now

__all__ = ["city"]


def typed(**changed: str) -> dict[str, str]:
    """The form as two officers fill it in on the phone."""
    return {
        "on": f"{now().date() - timedelta(days=1)}",
        "place": "330212路 1 号",
        "statement": "安全出口堆放杂物",
        "article": "《民办教育促进法实施条例》第六十三条第五项",
        "kinds": "警告、罚款",
        "fine_yuan": "1,500.50",
        "heard": "<b>马上</b>清走",
        "receiver": "张三",
        "document_no": "甬鄞教当罚〔2026〕1号",
        "organ": "宁波市鄞州区教育局",
        "first_officer": "甲",
        "second_officer": "乙",
        "papers_shown": "true",
        "rights_told": "true",
        **changed,
    }


def test_a_finding_is_punished_on_the_spot_and_everybody_sees_what_concerns_them(
    city: Town,
) -> None:
    finding = city.ids["matter"]["own"]
    here = f"/desk/matters/{finding}/spot"
    inspector, reviewer = city.browser("home.inspector"), city.browser("home.reviewer")
    school = city.browser("institution")
    page = inspector.get(f"/desk/matters/{finding}/").text
    assert f"desk/matters/{finding}/spot/" in page
    empty = inspector.get(f"{here}/").text
    assert 'value="甲"' in empty
    assert "最多 3,000 元" in empty
    wrong = inspector.post(here, data=typed(fine_yuan="三千", second_officer="", heard=""))
    assert wrong.status_code == 422
    assert "最多两位小数" in wrong.text
    bad = inspector.post(here, data=typed(fine_yuan="3000.01", second_officer="甲"))
    assert bad.status_code == 422
    assert all(one in bad.text for one in ("3000.01 元", "两名不同", 'value="张三"'))
    done = inspector.post(here, data=typed())
    assert done.status_code == 303, done.text
    (matter,) = re.findall(r"matters/(DC[\d-]+)/", done.headers["Location"])
    assert inspector.post(here, data=typed(document_no="另一号")).status_code == 409
    assert f"desk/matters/{finding}/spot/" not in inspector.get(f"/desk/matters/{finding}/").text

    paper = inspector.get(f"/desk/matters/{matter}/decision.pdf")
    assert paper.content.startswith(b"%PDF")
    own = inspector.get(f"/desk/matters/{matter}/").text
    assert "1,500.50 元" in own
    assert "&lt;b&gt;马上" in own
    board = inspector.get("/desk/clocks/?kind=spot").text
    assert matter in board
    assert "报本机关备案" in board

    step = {"on": f"{now().date()}", "document_no": "备案 1 号"}
    assert inspector.post(f"/desk/matters/{matter}/file", data=step).status_code == 403
    assert reviewer.post(f"/desk/matters/{matter}/file", data=step).status_code == 303

    mine = school.get(f"/my/matters/{matter}/").text
    assert all(one in mine for one in ("不计分，不公示", "第十一条第二款", "请缴纳罚款"))
    paper = school.get(f"/my/matters/{matter}/decision.pdf").content
    told = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=paper, capture_output=True, check=True
    )
    said = re.sub(r"\s+", "", told.stdout.decode())
    assert "先向宁波市鄞州区人民政府申请行政复议" in said
    assert "第二十三条第一款第一项" in said
    assert "自收到行政复议决定书之日起十五日内" in said
    assert "六个月" not in said
    assert "先向宁波市鄞州区人民政府申请行政复议" in mine
    assert "第四十六条" not in mine
    assert "当场处罚" in school.get("/my/matters/").text
    rating = school.get("/my/").text
    assert matter not in rating
    assert school.get(f"/my/matters/{matter}/objection/").status_code == 200
