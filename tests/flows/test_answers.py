"""What a parent reads of an institution, goes through and compares; and what other sites may show of it."""

import csv
import io
import re
from datetime import UTC, date, datetime
from itertools import pairwise
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import pytest

from config.settings import Settings
from publisher.edition import Entry, read_edition
from publisher.pages.sheet import CONTACTS as SHOWN
from publisher.pages.words import PLATES, TAGS
from publisher.site.english import CONTACTS, HEADLINES, WORDS
from publisher.site.store import Store
from scoring.assess import NEVER_LICENSED
from tests.conftest import PERIODS
from tests.flows.test_site import entries, page


def of_status(demo: Settings, status: str) -> Entry:
    return next(one for one in entries(demo) if one.rating.status == status)


def plain(text: str) -> str:
    """A page's words."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text.split("<main", 1)[1]))


@pytest.mark.parametrize("name", PERIODS)
def test_on_each_day_the_edition_then_in_force_is_shown_and_said_to_be_past(
    site: str, demo: Settings, name: str
) -> None:
    store = Store(demo.editions)
    id = store.edition(PERIODS[0]).numbers()[0]
    day = store.manifest(name)[0].released_on
    text = page(site, f"/i/{id}/?as_of={day}").text
    entry = store.edition(name).entry(id)
    assert entry is not None
    assert PLATES[entry.rating.status] in text
    assert store.edition(name).manifest.label in text
    assert ("这是过去的状态" in text) is (name != PERIODS[-1])
    english = page(site, f"/en/i/{id}/?as_of={day}").text
    assert HEADLINES[entry.rating.status] in english
    assert ("status of the past" in english) is (name != PERIODS[-1])


@pytest.mark.parametrize(
    ("day", "status", "said"),
    [
        ("1999-01-01", 404, "还没有发布过名单"),
        ("2999-01-01", 400, "还没有到"),
        ("5.11.2026", 400, "请写成 2026-11-05"),
        ("2026-02-30", 400, "请写成 2026-11-05"),
    ],
)
def test_a_day_without_an_edition_is_named(
    site: str, demo: Settings, day: str, status: int, said: str
) -> None:
    answer = page(site, f"/i/{entries(demo)[0].institution}/?as_of={day}")
    assert (answer.status_code, said in answer.text) == (status, True)


def test_each_standing_has_its_own_words_in_both_languages(site: str, demo: Settings) -> None:
    seen = set()
    for status in ("white", "watch", "black", "none", "new"):
        entry = of_status(demo, status)
        for path, words in (("i", PLATES), ("en/i", HEADLINES)):
            said = plain(page(site, f"/{path}/{entry.institution}/").text)
            assert words[status] in said
            assert not [
                other for other in words.values() if other != words[status] and other in said
            ]
        seen.add(said)
    assert len(seen) == 5


def test_nobody_having_been_there_is_neither_good_nor_bad(site: str, demo: Settings) -> None:
    unseen = next(one for one in entries(demo) if not one.facts.inspections)
    said = plain(page(site, f"/i/{unseen.institution}/").text)
    assert "还没有检查过" in said
    assert "不表示它没有问题，也不表示它有问题" in said
    seen = next(one for one in entries(demo) if one.facts.inspections)
    assert "最近一次检查" in plain(page(site, f"/i/{seen.institution}/").text)


def test_kin_are_linked_both_ways(site: str, demo: Settings) -> None:
    later = next(one for one in entries(demo) if one.predecessor)
    assert f'href="../../i/{later.predecessor}/"' in page(site, f"/i/{later.institution}/").text
    assert f'href="../../i/{later.institution}/"' in page(site, f"/i/{later.predecessor}/").text


def test_the_english_reading_says_what_lists_it_and_whom_it_follows(
    site: str, demo: Settings
) -> None:
    for status in ("watch", "black"):
        entry = of_status(demo, status)
        listing = next(one for one in entry.facts.listings if one.list == status)
        said = plain(page(site, f"/en/i/{entry.institution}/").text)
        assert "No record counts against it" not in said
        assert listing.reason.rstrip("。") in said
        assert ("If you have paid already" in said) is (status == "black")
    later = next(one for one in entries(demo) if one.predecessor)
    assert (
        f'href="../../../en/i/{later.predecessor}/"'
        in page(site, f"/en/i/{later.institution}/").text
    )


def test_a_dispute_is_dated_by_its_first_day_and_says_when_it_is_answered(
    site: str, demo: Settings
) -> None:
    disputed = next(
        one for one in entries(demo) if any(each.disputed for each in one.facts.listings)
    )
    said = plain(page(site, f"/i/{disputed.institution}/").text)
    assert "有异议，正在复核" in said
    assert "自提出之日起 5 个工作日内答复；情况复杂的，最长不超过 20 个工作日" in said
    assert "受理" not in said


def test_the_english_reading_leaves_no_light_in_chinese(site: str, demo: Settings) -> None:
    banks = {bank.bank for one in entries(demo) for bank in one.facts.custody}
    for entry in entries(demo):
        text = page(site, f"/en/i/{entry.institution}/").text
        lights = re.findall(
            r"</svg>([^<]+)</dt><dd><b>([^<]+)</b>(?:<span[^>]*>([^<]*)</span>)?", text
        )
        for part in {word for light in lights for word in light}:
            assert part.isascii() or part in banks, (entry.institution, part)
    assert all(word.isascii() for word in WORDS.values())


def test_the_english_reading_tells_the_same_contacts_and_staff(site: str, demo: Settings) -> None:
    told = [one for one in entries(demo) if one.contacts or one.staff]
    assert any(one.contacts for one in told)
    assert any(one.staff for one in told)
    links = re.compile(r'<dd(?: lang="zh-Hans")?><a href="([^"]+)"')
    for entry in [*told[:12], *(one for one in entries(demo) if not one.contacts)][:16]:
        english = page(site, f"/en/i/{entry.institution}/").text
        chinese = page(site, f"/i/{entry.institution}/").text
        assert links.findall(english) == links.findall(chinese)
        assert ("Contacts</h2>" in english) is bool(entry.contacts)
        assert ("Staff on display</h2>" in english) is bool(entry.staff)
        words = plain(english)
        for contact in entry.contacts or ():
            assert contact.text in words
        for member in entry.staff or ():
            assert f"{member.name}{member.post}" in words
            assert member.certificate in words
    assert CONTACTS.keys() == set(SHOWN.values())


def test_who_goes_through_the_lists_meets_everyone_once(site: str, demo: Settings) -> None:
    everyone = entries(demo)
    for query, wanted in {
        "": [one.institution for one in everyone],
        "standing=white": [o.institution for o in everyone if o.rating.status == "white"],
        "grade=A": [
            o.institution
            for o in everyone
            if o.rating.grade == "A" and (o.rating.status != "black" or o.facts.licences)
        ],
        f"d={everyone[0].jurisdiction}": [
            o.institution for o in everyone if o.jurisdiction == everyone[0].jurisdiction
        ],
        f"kind={quote('培训机构·体育')}": [
            o.institution
            for o in everyone
            if (o.facts.kind, o.facts.subject) == ("培训机构", "体育")
        ],
    }.items():
        met, more = [], query
        while True:
            text = page(site, f"/browse/?{more}").text
            met += re.findall(r'class="name" href="\.\./i/([^/]+)/"', text)
            onward = re.search(r'class="btn" href="\?([^"]+)"', text)
            if onward is None:
                break
            more = onward[1].replace("&amp;", "&")
        assert met == wanted, query
    assert "没有符合的机构" in page(site, "/browse/?street=%27%3B--&kind=%22").text


def test_neighbours_are_in_the_same_street_the_nearest_first(site: str, demo: Settings) -> None:
    edition = Store(demo.editions).current()
    query = "SELECT id, street, jurisdiction, house FROM institution WHERE street <> ''"
    rows = {row[0]: row[1:] for row in edition.browse.execute(query)}
    id = max(rows, key=lambda one: sum(row[:2] == rows[one][:2] for row in rows.values()))
    text = page(site, f"/near/?id={id}").text
    met = re.findall(r'class="hit">.*?href="\.\./i/([^/]+)/"', text, re.DOTALL)
    assert set(met) == {one for one, row in rows.items() if row[:2] == rows[id][:2]}
    assert met[0] == id
    far = [abs(rows[one][2] - rows[id][2]) for one in met]
    assert all(a <= b for a, b in pairwise(far))
    assert page(site, "/near/?id=NB-0000-0").status_code == 404


def test_up_to_four_are_compared_and_others_found_by_name(site: str, demo: Settings) -> None:
    five = [one.institution for one in entries(demo)[:5]]
    text = page(site, "/compare/?" + "&".join(f"id={one}" for one in five)).text
    for one in entries(demo)[:4]:
        assert f'href="../i/{one.institution}/"' in text
        assert TAGS[one.rating.status] in text
    assert f'href="../i/{five[4]}/"' not in text
    found = page(site, f"/compare/?id={five[0]}&add={quote(entries(demo)[1].name)}").text
    assert f"id={five[0]}&amp;id={five[1]}" in found
    assert "没有编号“NB-0000-0”" in page(site, "/compare/?id=NB-0000-0").text
    assert page(site, "/compare/?id=%3Cscript%3E").status_code == 200


def test_nowhere_does_a_grade_recommend_whoever_never_had_a_licence(
    site: str, demo: Settings
) -> None:
    black = [one for one in entries(demo) if one.rating.status == "black"]
    unlicensed = next(one for one in black if not one.facts.licences)
    assert (unlicensed.rating.grade, unlicensed.rating.score) == ("N", None)
    id = unlicensed.institution
    assert NEVER_LICENSED in plain(page(site, f"/i/{id}/").text)
    for path in ("/browse/?standing=black", f"/compare/?id={id}"):
        text = re.sub("<option.*?</option>", "", page(site, path).text)
        assert unlicensed.institution in text
        assert not re.search("[A-D] 级", text), path


def test_statistics_show_each_released_table_and_its_file(site: str, demo: Settings) -> None:
    text = page(site, "/statistics/").text
    edition = Store(demo.editions).current()
    of = (edition.name, edition.digest)
    for one in edition.figures():
        assert f'id="f-{one.name}"' in text
        rows = httpx.get(f"{site}/editions/{PERIODS[-1]}/figures/{one.name}.csv").content
        table = list(csv.reader(io.StringIO(rows.decode("utf-8-sig"))))
        said = [(*one.columns, "版次", "版次校验码"), *((*row, *of) for row in one.rows)]
        assert [tuple(map(str, row)) for row in said] == [tuple(row) for row in table]
    months = httpx.get(f"{site}/statistics/months.csv").content.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(months)))
    digests = [read_edition(demo.editions / period).digest for period in PERIODS]
    assert [(one["版次"], one["版次校验码"]) for one in lines] == list(
        zip(PERIODS, digests, strict=True)
    )
    assert months.splitlines()[0].count("版次,") == 1


def test_a_number_written_otherwise_leads_to_its_bearer_and_an_unknown_one_is_named(
    site: str, demo: Settings
) -> None:
    id = entries(demo)[0].institution
    for typed in (id.lower(), id.replace("-", "")):
        for place in ("i", "en/i"):
            answer = httpx.get(f"{site}/{place}/{typed}/", follow_redirects=True)
            assert str(answer.url) == f"{site}/{place}/{id}/"
    nobody = page(site, "/i/NB-0000-0/")
    assert nobody.status_code == 404
    assert "登记库里没有这家" in nobody.text
    assert "拿不出许可证的，请不要交费" in nobody.text
    abroad = httpx.get(f"{site}/en/i/NB-0000-0/", follow_redirects=True)
    assert "Not in the register" in abroad.text


@pytest.mark.parametrize("query", ["。", "%", "-", "😀", "……", "　"])
def test_signs_alone_ask_for_nothing_and_nobody_is_said_to_be_missing(
    site: str, query: str
) -> None:
    text = page(site, f"/search/?q={quote(query)}").text
    assert "请输入要查的机构" in text
    assert "登记库里没有" not in text
    assert "Not in the register" not in page(site, f"/en/?q={quote(query)}").text
    refused = httpx.get(f"{site}/api/v1/search", params={"q": query})
    assert refused.status_code == 400
    assert [one["name"] for one in refused.json()["faults"]] == ["q"]


def test_a_week_is_no_day(site: str, demo: Settings) -> None:
    id = entries(demo)[0].institution
    week = "2026-W45-1"
    for path in (f"/i/{id}/?as_of={week}", f"/api/v1/institutions?as_of={week}"):
        answer = httpx.get(f"{site}{path}")
        assert answer.status_code == 400
        assert week in answer.text
        assert answer.headers.get("Access-Control-Expose-Headers", "") in ("", "ETag, Retry-After")


def test_another_site_may_show_the_frame_and_the_badge_and_nothing_else(
    site: str, demo: Settings
) -> None:
    for status in ("white", "watch", "black", "none", "new"):
        id = of_status(demo, status).institution
        frame = page(site, f"/widget/{id}/")
        assert "frame-ancestors *" in frame.headers["Content-Security-Policy"]
        assert "<script" not in frame.text
        assert PLATES[status] in frame.text
        badge = httpx.get(f"{site}/badge/{id}.svg")
        assert badge.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        root = ElementTree.fromstring(badge.content)  # noqa: S314 our own
        assert TAGS[status] in "".join(root.itertext())
        for path in (f"/i/{id}/", f"/widget/?id={id}", "/"):
            again = page(site, path)
            for answer in (again, page(site, path)):  # kept and not
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
    assert httpx.get(f"{site}/badge/NB-0000-0.svg").status_code == 404
    name, file = PERIODS[-1], "list.csv"
    current = httpx.get(f"{site}/editions/current/{file}")
    assert (
        str(current.next_request and current.next_request.url) == f"{site}/editions/{name}/{file}"
    )
    assert page(site, "/widget/?id=NB-0000-0").status_code == 404


def test_machines_find_their_way_and_whom_to_tell(site: str, demo: Settings) -> None:
    robots = httpx.get(f"{site}/robots.txt").text
    where = re.search(r"Sitemap: (\S+)", robots)
    assert where
    root = ElementTree.fromstring(httpx.get(where[1]).content)  # noqa: S314 our own
    urls = [str(one.text) for one in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert {one.institution for one in entries(demo)} <= {url.split("/")[-2] for url in urls}
    for url in urls[:12]:
        assert httpx.get(url, headers={"Accept": "text/html"}).status_code == 200, url
    told = dict(
        line.split(": ", 1)
        for line in httpx.get(f"{site}/.well-known/security.txt").text.splitlines()
    )
    assert httpx.get(told["Contact"], follow_redirects=True).status_code == 200
    assert date.fromisoformat(told["Expires"][:10]) > datetime.now(UTC).date()


def test_a_kept_page_is_the_same_as_a_new_one_and_packed_when_asked(
    site: str, demo: Settings
) -> None:
    path = f"/i/{entries(demo)[3].institution}/"
    with httpx.Client(base_url=site, headers={"Accept-Encoding": "identity"}) as client:
        first, second = client.get(path), client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        big = client.get(path, headers={"Cookie": "view=big"})
        refused = client.get(path, headers={"Accept-Encoding": "gzip;q=0"})
    assert first.content == second.content == packed.content == refused.content
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in refused.headers
    assert 'class="big"' in big.text
    assert big.headers["ETag"] != first.headers["ETag"]
    own = ("date", "x-request-id")
    assert {k: v for k, v in first.headers.items() if k not in own} == {
        k: v for k, v in second.headers.items() if k not in own
    }


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/en/nothing/", 404, "There is no such page"),
        ("/en/i/{id}/?as_of=2000-01-01", 404, "There is no such page"),
        ("/en/i/{id}/?as_of=2026-13-45", 400, "A day is written as 2026-11-05"),
        ("/en/i/{id}/?as_of=2999-01-01", 400, "no later than today"),
    ],
)
def test_what_is_refused_to_readers_of_english_is_told_in_english(
    site: str, demo: Settings, path: str, status: int, said: str
) -> None:
    id = entries(demo)[0].institution
    answer = page(site, path.format(id=id))
    assert answer.status_code == status
    assert '<html lang="en"' in answer.text
    assert said in answer.text
    told = re.sub(r'<(\w+)[^>]* lang="zh-Hans"[^>]*>.*?</\1>', "", answer.text, flags=re.DOTALL)
    assert not re.search(r"[\u4e00-\u9fff]", plain(told))
    assert "没有" in page(site, "/nothing/").text
