"""`python -m tests.bench.search [EDITIONS | SIZE …]`: whether a search finds who is meant, and how fast.

Labelled queries (tests/bench/asked.py) against the released editions of a folder, or against a made-up
register of so many names. Of each kind: `fair@5` the one meant, or only such as satisfy the query equally
well, among the first five, and `there` the same with the district chosen; `r@1` and `r@5` the one meant
itself, when the district is chosen and not more than five of it satisfy the query; the time this process
works on a search that nobody made before, the file itself being in the machine's memory.
"""

import gc
import sys
import tempfile
import time
from collections import defaultdict
from datetime import date
from hashlib import sha256
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from config.demo.names import area_names
from publisher.browse import render_browse
from publisher.edition import Edition, Entry, Jurisdiction, Manifest, leaf, root
from publisher.lookup import render_lookup
from publisher.site.search import search
from publisher.site.store import OpenEdition, Store
from scoring import assess, load_policy
from scoring.canonical import canonical
from scoring.facts import Facts
from tests.bench.asked import Asked, asked, known

POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"
ERRING = ("one ", "two ", "code with")
# fair@5 for queries without and with an error; r@5 with the district, in one city (search.md).
GOALS = {False: 0.99, True: 0.97}
CITY = 0.95
SMALL = 5000
EXACT = ("exact name", "code", "institution number", "licence number")


# Whether it was fair, fair with the district chosen, first and among five, and the seconds.
Row = tuple[bool, bool | None, bool | None, bool | None, float]


class Score(NamedTuple):
    """Of the queries of a kind, the share that was answered, and milliseconds."""

    many: int
    fair: float
    there: float
    first: float
    five: float
    median: float
    worst: float


def is_erring(kind: str) -> bool:
    """Whether a query of the kind holds an error."""
    return kind.startswith(ERRING)


def scores(edition: OpenEdition, each: int) -> dict[str, Score]:
    """The score of every kind of query."""
    found: dict[str, list[Row]] = defaultdict(list)
    everyone = known(edition, edition.numbers()) if len(edition.numbers()) <= SMALL else None
    search(edition, "anli")  # the table of sounds is read once a process
    for one in list(asked(edition, each)):
        start = time.process_time()
        answer = search(edition, one.text)
        seconds = time.process_time() - start
        ids = [hit.id for hit in answer.hits[:5]]
        if one.target is None:
            fair = all(hit.why for hit in answer.hits)
            found[one.kind].append((fair, None, None, None, seconds))
            continue
        first = five = None
        place = one.target.place
        there = [hit.id for hit in search(edition, one.text, place).hits[:5]]
        if everyone is None or sum(o.place == place and one.fits(o) for o in everyone) <= 5:
            first, five = there[:1] == [one.target.id], one.target.id in there
        fair = _fair(edition, one, ids)
        found[one.kind].append((fair, _fair(edition, one, there), first, five, seconds))
    return {kind: _score(rows) for kind, rows in found.items()}


def _fair(edition: OpenEdition, one: Asked, ids: list[str]) -> bool:
    assert one.target is not None
    return one.target.id in ids or (len(ids) == 5 and all(map(one.fits, known(edition, ids))))


def _score(rows: list[Row]) -> Score:
    many = len(rows)
    times = sorted(row[4] * 1000 for row in rows)
    columns = [[row[at] for row in rows if row[at] is not None] for at in range(4)]
    shares = [sum(map(bool, one)) / len(one) if one else 1.0 for one in columns]
    median, worst = times[many // 2], times[min(many - 1, many * 99 // 100)]
    return Score(many, *shares, median, worst)  # type: ignore[call-arg]


CHAINS = [
    "新东方",
    "学而思",
    "好未来",
    "精锐",
    "昂立",
    "瑞思",
    "英孚",
    "朴新",
    "卓越",
    "巨人",
    "大桥",
    "金宝贝",
    "新航道",
    "韦博",
    "杰睿",
    "龙文",
    "学大",
    "掌门",
    "高思",
    "巧虎",
    "童程童美",
    "小码王",
    "编程猫",
    "火花",
    "豌豆",
    "星火",
    "金太阳",
    "博雅",
    "启明星",
    "小新星",
    "育才",
    "汉翔",
    "蓝天",
    "七色光",
    "小荷",
    "梦想",
    "飞扬",
    "七田阳光",
    "天一",
    "甬江",
]
SIGNS = "新东方学思未来精锐昂立瑞英朴卓越巨桥金宝美航环球雅韦博杰睿龙文京翰掌门高巧童程小码王编火花豌豆阳光星太启明育才华图中公汉翔蓝天七色荷梦想飞扬田诺甬江四明海川山河云风雨晨曦朝旭辉煌耀灿若水清源泉润泽芳菲蕾苗树林森木叶松竹梅兰菊桂香墨书画琴棋音韵律舞悦动活力健康安宁和平信义礼智仁德善诚恒达通广远志鸿鹏鹤凤麒麟虎鹰燕鸽鱼鹿马骏腾奔跃升创造优佳嘉良好爱心慧敏聪颖灵秀时代先锋领知行格物求真尚品府林状元榜首进步加速成长少年青春之家园地坊堂馆苑阁轩斋院社堡城"
TRADES = [
    "教育",
    "艺术",
    "外语",
    "文化",
    "科技",
    "美术",
    "舞蹈",
    "音乐",
    "体育",
    "书法",
    "文化艺术",
    "教育科技",
    "教育咨询",
    "外国语",
]
TAILS = ["培训学校", "培训中心有限公司", "培训学校有限公司", "培训中心", "培训有限公司"]
PLACES = area_names()
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def made_up(size: int, home: Path) -> OpenEdition:
    """An edition of so many made-up names, a quarter of them of forty chains."""
    random = Random(1)  # noqa: S311 play data
    policy = load_policy(POLICY.read_bytes())
    day = policy.since
    rating = assess(Facts(institution="x"), policy, day).lasting()
    lines = []
    for at in range(size):
        place = random.choice(list(PLACES))
        own = "".join(random.choices(SIGNS, k=random.choices((2, 3, 4), (5, 3, 2))[0]))
        chain = random.random() < 0.25
        own = random.choice(CHAINS) if chain else own
        trade = random.choice(TRADES) if random.random() < 0.8 else ""
        branch = "".join(random.choices(SIGNS, k=2)) + random.choice(("路校区", "街校区", "分校"))
        name = f"宁波市{PLACES[place]}{own}{trade}{random.choice(TAILS)}{branch if chain else ''}"
        street = "".join(random.choices(SIGNS, k=2))
        number = "".join(LETTERS[at * 0x9E375 % (1 << 30) >> 5 * n & 31] for n in range(6))
        id = f"NB-{number}-{LETTERS[at % 32]}"
        entry = Entry(
            institution=id,
            name=name,
            names=(),
            jurisdiction=place,
            code=f"91{place}MA{at:07d}{random.choice(LETTERS[:10])}",
            licence_no=f"教民1{place}7{at:07d}0号",
            addresses=(f"宁波市{PLACES[place]}{street}路{random.randint(1, 999)}号",),
            facts=Facts(institution=id, kind="培训机构"),
            rating=rating,
            salt="",
        )
        lines.append((id, canonical(entry)))
    lines.sort()
    raw = tuple(line for _, line in lines)
    manifest = Manifest(
        city="ningbo",
        title="",
        organ="宁波市教育局",
        fictional=True,
        period="2026-11",
        number=0,
        cut_off=day,
        released_on=date(2026, 11, 4),
        program="",
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=tuple(
            Jurisdiction(id=id, name=name, organ="") for id, name in PLACES.items()
        ),
        counts={},
        root=root([leaf(line) for line in raw[:64]]).hex(),
        previous="",
    )
    edition = Edition(manifest=manifest, lines=raw, policy=POLICY.read_bytes())
    folder = home / "2026-11"
    folder.mkdir(parents=True)
    (folder / "edition.json").write_bytes(canonical(manifest))
    (folder / "policy.toml").write_bytes(edition.policy)
    start = time.process_time()
    render_lookup(edition, folder)
    render_browse(edition, folder)
    (folder / "renderings.json").write_text("{}")
    size_of = (folder / "register.sqlite").stat().st_size / 1e6
    print(f"register.sqlite made in {time.process_time() - start:.1f} s of work, {size_of:.0f} MB")
    (home / "current").symlink_to("2026-11")
    return Store(home).current()


def report(edition: OpenEdition, title: str, each: int) -> None:
    """Prints a row for each kind of query."""
    gc.collect()
    gc.freeze()  # as a node does
    table = Table(title=title)
    for head in ("kind", "queries", "fair@5", "there", "r@1", "r@5", "p50 ms", "p99 ms"):
        table.add_column(head, justify="left" if head == "kind" else "right")
    for kind, one in scores(edition, each).items():
        table.add_row(
            kind, str(one.many), *(f"{n:.3f}" for n in one[1:5]), *(f"{n:.2f}" for n in one[5:])
        )
    console = Console(width=100)
    console.print(table)
    console.print(
        f"peak {getrusage(RUSAGE_SELF).ru_maxrss / 1024:.0f} MB, digest {sha256(edition.digest.encode()).hexdigest()[:8]}"
    )


def main() -> None:
    for word in sys.argv[1:] or ["2112"]:
        if not word.isdigit():
            edition = Store(Path(word)).current()
            report(edition, f"{len(edition.numbers()):,} institutions of {word}", 40)
            continue
        with tempfile.TemporaryDirectory(prefix="xybench-") as home:
            report(made_up(int(word), Path(home)), f"{int(word):,} made-up names", 60)


if __name__ == "__main__":
    main()
