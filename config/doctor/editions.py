"""The released editions: as they were signed, one after another, with their rows, and the newest current."""

import os
import time
from hashlib import sha256
from pathlib import Path

import msgspec

from config.doctor.keys import public_of
from config.doctor.signs import Fault, Found, Ground
from publisher.chain import links, rolled_back
from publisher.edition import Manifest, leaf
from publisher.verify import verify
from registry import queries
from registry.database import reading

SHOWN = 3
UNDER_WAY = 3600  # seconds which a release may take


def editions(ground: Ground) -> Found:
    """Rows and folders agree, no file was edited, and the chain holds."""
    folder = ground.settings.editions
    rows = _named(ground, "released")
    there = {
        path.parent.name: path.parent for path in folder.glob("2[0-9][0-9][0-9]-*/edition.json")
    }
    for name in sorted(set(rows) - set(there)):
        said = (
            f"登记册里 {name} 已发布，文件夹 {folder / name} 却不在。"
            f"请执行 xinyong rebuild {name} --missing 照签发时的样子重新作出，或者从备份恢复它。"
        )
        yield Fault("edition.no_folder", said)
    begun = _named(ground, "approved")
    for name in sorted(set(there) & set(begun)):
        said = (
            f"{name} 的文件夹已经做好，登记册还没有记下发布：上次发布中途停止。"
            f"请再执行一次 xinyong release {name} --by 账户名，或者等定时发布。"
        )
        yield Fault("edition.unfinished", said)
    for name in sorted(set(there) - set(rows) - set(begun)):
        said = f"文件夹 {there[name]} 没有发布的记录。请查明从哪里来，不是本局发布的请移走。"
        yield Fault("edition.no_row", said)
    key = public_key(ground)
    for name in sorted(set(rows) & set(there)):
        yield from _edition(there[name], rows[name], key)
    yield from _left(folder)
    yield f"{len(there)} 个版次，都和签发时一样" if there else "还没有发布过"


def current(ground: Ground) -> Found:
    """The edition that is served is the newest one."""
    folder = ground.settings.editions
    rows = [
        name for name in _named(ground, "released") if (folder / name / "edition.json").exists()
    ]
    newest = max(rows, key=lambda name: (name[:7], int(name[8:] or 0)), default="")
    if not newest:
        yield "还没有发布过"
        return
    link = folder / "current"
    remedy = f"请执行 ln -sfn {newest} {link}"
    if not (link / "edition.json").exists():
        yield Fault("current.broken", f"{link} 没有指向一个版次，公示网站打不开。{remedy}。")
        return
    name = os.readlink(link)
    if name != newest:
        yield Fault("current.old", f"{link} 指向 {name}，最新的是 {newest}。{remedy}。")
    yield name


def _named(ground: Ground, state: str) -> dict[str, str]:
    """The digests of the editions in a state, by their names."""
    with reading(ground.register) as session:
        lines = queries.editions(session)
    return {one.name: one.digest for one in lines if one.state == state}


def public_key(ground: Ground) -> Path:
    """The public key: the pair's own where it fits, else the published one (the looks at keys say which)."""
    own = ground.settings.keys / "bureau.pub"
    if own.exists() and own.read_bytes() == public_of(ground.settings.keys / "bureau.key"):
        return own
    return ground.settings.editions / "bureau.pub"


def _edition(folder: Path, digest: str, key: Path) -> Found:
    """One edition; what was derived at its release need not be derived again to see an edit."""
    raw = (folder / "edition.json").read_bytes()
    if sha256(raw).hexdigest() != digest:
        said = f"{folder.name} 的 edition.json 不是登记册里发布的那一份。请从备份恢复这个文件夹，并查明谁换过。"
        yield Fault("edition.other", said)
        return
    try:
        settled = frozenset(
            leaf(one) for one in (folder / "entries.jsonl").read_bytes().splitlines()
        )
        chain = links(folder, msgspec.json.decode(raw, type=Manifest)).problems
    except (OSError, msgspec.DecodeError):
        settled, chain = frozenset(), ()
    # Which edition is shown is looked at by itself.
    told = {*chain, *rolled_back(folder, msgspec.json.decode(raw, type=Manifest))}
    edited = [one for one in verify(folder, key, settled).problems if one not in told]
    if edited:
        more = f"等 {len(edited)} 处" if len(edited) > SHOWN else ""
        said = f"{folder.name}：{'；'.join(edited[:SHOWN])}{more}。请从备份恢复这个文件夹，并查明谁改过。"
        yield Fault("edition.edited", said)
    for problem in chain:
        said = f"{folder.name}：{problem}。请从备份恢复缺少或者被换的版次。"
        yield Fault("edition.chain", said)


def _left(folder: Path) -> Found:
    """What an interrupted release left behind; one that is under way is left alone."""
    names = [*folder.glob("0-staging-*"), folder / "current.new", folder / "bureau.pub.new"]
    for path in sorted(names):
        if os.path.lexists(path) and time.time() - path.lstat().st_mtime > UNDER_WAY:
            said = f"{path} 是中断的发布留下的，没有公布。请移走它；下一次发布也会清理。"
            yield Fault("staging.left", said)
