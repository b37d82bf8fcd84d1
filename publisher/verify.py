"""Checks a released edition offline: no database, no network, nothing but its folder and a key."""

from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from publisher.edition import Entry, Manifest, leaf, root
from publisher.signing import is_signed
from scoring import Policy, PolicyError, assess, load_policy
from scoring.canonical import canonical

SIGNED = ("edition.json", "renderings.json")
UNLISTED = {*SIGNED, *(f"{name}.sig" for name in SIGNED)}


class Verdict(Struct, frozen=True, kw_only=True):
    """What a check found; an edition is whole when `problems` is empty."""

    edition: str
    entries: int
    digest: str
    problems: tuple[str, ...]


def verify(folder: Path, public_key: Path) -> Verdict:
    """Signatures, digests, root, chain, and every rating derived again from the published facts."""
    problems = [*_signatures(folder, public_key), *_renderings(folder)]
    entries = 0
    digest = ""
    try:
        raw = (folder / "edition.json").read_bytes()
        digest = sha256(raw).hexdigest()
        manifest = msgspec.json.decode(raw, type=Manifest)
        lines = (folder / "entries.jsonl").read_bytes().splitlines()
        entries = len(lines)
        problems += [*_manifest(folder, manifest, raw, lines), *_ratings(folder, manifest, lines)]
        problems += _chain(folder, manifest)
    except OSError as missing:
        problems.append(f"缺少文件 {missing.filename}")
    except msgspec.DecodeError as wrong:
        problems.append(f"内容不合格式：{wrong}")
    return Verdict(edition=folder.name, entries=entries, digest=digest, problems=tuple(problems))


def _signatures(folder: Path, public_key: Path) -> list[str]:
    problems = []
    for name in SIGNED:
        content, signature = folder / name, folder / f"{name}.sig"
        if not content.exists() or not signature.exists():
            problems.append(f"缺少 {name} 或者它的签名")
        elif not is_signed(content.read_bytes(), signature.read_bytes(), public_key):
            problems.append(f"{name} 的签名不符：内容被改动，或者公钥不对")
    return problems


def _renderings(folder: Path) -> list[str]:
    listed: dict[str, str] = {}
    if (folder / "renderings.json").exists():
        try:
            listed = msgspec.json.decode(
                (folder / "renderings.json").read_bytes(), type=dict[str, str]
            )
        except msgspec.DecodeError:
            return ["renderings.json 不合格式"]
    files = {
        path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()
    }
    problems = [f"缺少文件 {name}" for name in sorted(set(listed) - set(files))]
    for name in sorted(set(files) - UNLISTED):
        if name not in listed:
            problems.append(f"多出文件 {name}")
        elif sha256(files[name].read_bytes()).hexdigest() != listed[name]:
            problems.append(f"文件 {name} 被改动")
    return problems


def _manifest(folder: Path, manifest: Manifest, raw: bytes, lines: list[bytes]) -> list[str]:
    problems = []
    if canonical(manifest) != raw:
        problems.append("edition.json 不是规范写法（RFC 8785）")
    if sha256((folder / "policy.toml").read_bytes()).hexdigest() != manifest.policy_digest:
        problems.append("policy.toml 与 edition.json 所记的评分办法不符")
    if root([leaf(line) for line in lines]).hex() != manifest.root:
        problems.append("entries.jsonl 与 edition.json 的根校验码不符")
    return problems


def _ratings(folder: Path, manifest: Manifest, lines: list[bytes]) -> list[str]:
    try:
        policy = load_policy((folder / "policy.toml").read_bytes())
    except PolicyError as refused:
        return [f"policy.toml 不能用：{refused}"]
    problems = [*_of_policy(policy, manifest)]
    last, counts = "", Counter[str]()
    for number, line in enumerate(lines, 1):
        entry = msgspec.json.decode(line, type=Entry)
        problems += _of_entry(entry, number, last)
        last = entry.institution
        counts[entry.rating.status] += 1
        if canonical(entry) != line:
            problems.append(f"entries.jsonl 第 {number} 行不是规范写法（RFC 8785）")
        if not _derivable(entry, policy, manifest):
            problems.append(f"{entry.institution} {entry.name} 的等级不能由公布的事实和办法推出")
    if dict(sorted(counts.items())) != manifest.counts:
        problems.append("edition.json 的各名单家数与 entries.jsonl 不符")
    return problems


def _of_policy(policy: Policy, manifest: Manifest) -> Iterator[str]:
    """The policy is the one that is named, and it was in force on the day of the cut-off."""
    if policy.id != manifest.policy:
        yield f"policy.toml 是 {policy.id}，edition.json 写的是 {manifest.policy}"
    on = manifest.cut_off
    if on < policy.since or (policy.until is not None and on >= policy.until):
        yield f"评分办法 {policy.id} 在截止日 {on} 没有施行"


def _of_entry(entry: Entry, number: int, last: str) -> Iterator[str]:
    """Each institution stands once, in order, with its own facts and rating."""
    if entry.institution <= last:
        yield f"entries.jsonl 第 {number} 行的 {entry.institution} 重复或者不在次序上"
    if not entry.institution == entry.facts.institution == entry.rating.institution:
        yield f"entries.jsonl 第 {number} 行的 {entry.institution} 写着另一家机构的事实或者等级"


def _derivable(entry: Entry, policy: Policy, manifest: Manifest) -> bool:
    """Whether the printed rating follows from the printed facts; a fact no rule knows lets nothing follow."""
    try:
        return assess(entry.facts, policy, manifest.cut_off) == entry.rating
    except PolicyError:
        return False


def _chain(folder: Path, manifest: Manifest) -> list[str]:
    """The edition before, where it lies beside this one, has the digest this one names."""
    earlier: list[tuple[str, int, str]] = []
    for path in folder.resolve().parent.glob("[0-9][0-9][0-9][0-9]-*/edition.json"):
        raw = path.read_bytes()
        other = msgspec.json.decode(raw, type=Manifest)
        if (other.period, other.number) < (manifest.period, manifest.number):
            earlier.append((other.period, other.number, sha256(raw).hexdigest()))
    if earlier and manifest.previous != max(earlier)[2]:
        return [f"与上一版次 {max(earlier)[0]} 的校验码不符：链条断了"]
    return []
