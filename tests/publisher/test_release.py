"""An edition is released whole or not at all, and any change to it is named."""

import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pymerkle
import pytest
from msgspec import structs

from config.demo import institutions
from publisher.data import render_csv, render_json
from publisher.edition import Edition, Entry, Jurisdiction, Manifest, leaf, root
from publisher.program import program
from publisher.release import ReleaseRefused, release, stage
from publisher.signing import create_key
from publisher.verify import verify
from scoring import assess, load_policy
from scoring.canonical import canonical

POLICY = Path(__file__).parents[2] / "config/policy/NB-2026-1.toml"
CUT_OFF = date(2026, 10, 31)


def edition(period: str = "2026-10", previous: str = "", cut_off: date = CUT_OFF) -> Edition:
    raw = POLICY.read_bytes()
    policy = load_policy(raw)
    entries = tuple(
        Entry(
            institution=one.facts.institution,
            name=one.name,
            names=(),
            jurisdiction=one.jurisdiction,
            code=one.code or "",
            facts=one.facts,
            rating=assess(one.facts, policy, cut_off).lasting(),
            salt=sha256(one.facts.institution.encode()).hexdigest(),
        )
        for one in institutions(7, 60)
    )
    manifest = Manifest(
        city="ningbo",
        title="名单",
        organ="教育局",
        fictional=True,
        period=period,
        number=0,
        cut_off=cut_off,
        released_on=date(2026, 11, 4),
        program=program(),
        policy=policy.id,
        policy_digest=policy.digest,
        jurisdictions=(),
        counts=dict(Counter(one.rating.status for one in entries)),
        root=root([leaf(canonical(one)) for one in entries]).hex(),
        previous=previous,
    )
    return Edition.of(manifest, entries, raw)


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    create_key(tmp_path / "keys")
    return tmp_path / "keys"


def test_a_released_edition_verifies_and_is_current(tmp_path: Path, keys: Path) -> None:
    folder = release(edition(), tmp_path / "editions", keys)
    verdict = verify(folder, keys / "bureau.pub")
    assert verdict.problems == ()
    assert verdict.entries == 60
    assert (tmp_path / "editions/current").resolve() == folder
    assert not list((tmp_path / "editions").glob("0-staging*"))


def test_the_same_edition_has_the_same_bytes(tmp_path: Path, keys: Path) -> None:
    one, two = (release(edition(), tmp_path / name, keys) for name in ("a", "b"))
    for path in sorted(one.iterdir()):
        assert path.read_bytes() == (two / path.name).read_bytes()


@pytest.mark.parametrize(
    "name", ["edition.json", "entries.jsonl", "policy.toml", "renderings.json"]
)
def test_a_changed_byte_is_named(name: str, tmp_path: Path, keys: Path) -> None:
    folder = release(edition(), tmp_path / "editions", keys)
    raw = bytearray((folder / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (folder / name).write_bytes(raw)
    assert any(name in problem for problem in verify(folder, keys / "bureau.pub").problems)


def remove(folder: Path) -> None:
    (folder / "policy.toml").unlink()


def add(folder: Path) -> None:
    (folder / "policy.html").write_text("x")


def link(folder: Path) -> None:
    foreign = folder.parent / "elsewhere"
    foreign.mkdir()
    (foreign / "black.html").write_text("x")
    (folder / "lists").symlink_to(foreign)


def link_nowhere(folder: Path) -> None:
    (folder / "list.csv").symlink_to("nowhere")


def unsign(folder: Path) -> None:
    (folder / "edition.json.sig").unlink()


@pytest.mark.parametrize("harm", [remove, add, link, link_nowhere, unsign])
def test_a_missing_or_foreign_file_is_named(
    harm: Callable[[Path], None], tmp_path: Path, keys: Path
) -> None:
    folder = release(edition(), tmp_path / "editions", keys)
    harm(folder)
    assert verify(folder, keys / "bureau.pub").problems


def test_a_rating_that_does_not_follow_from_its_facts_is_not_released(
    tmp_path: Path, keys: Path
) -> None:
    release(edition(), tmp_path / "editions", keys)
    honest = edition("2026-11", edition().digest)
    first = honest.entries[0]
    flattered = structs.replace(first, rating=structs.replace(first.rating, grade="A+"))
    entries = (flattered, *honest.entries[1:])
    forged = with_entries(honest, entries)
    with pytest.raises(ReleaseRefused, match=first.institution):
        release(forged, tmp_path / "editions", keys)
    assert (tmp_path / "editions/current").resolve().name == "2026-10"
    assert not (tmp_path / "editions/2026-11").exists()


def test_what_a_signed_edition_says_of_itself_is_checked_too(tmp_path: Path, keys: Path) -> None:
    honest = edition()
    first, second, *others = honest.entries
    other_policy = POLICY.read_bytes().replace(b"since = 2024-01-01", b"since = 2026-12-01")
    renamed = POLICY.read_bytes().replace(b'id = "NB-2026-1"', b'id = "NB-X"')
    for forged, said in (
        (with_entries(honest, (first, *others)), "家数"),
        (with_entries(honest, (first, first, second, *others)), "重复"),
        (with_entries(honest, (second, first, *others)), "次序"),
        (
            with_entries(honest, (structs.replace(first, institution="0"), second, *others)),
            "另一家",
        ),
        (with_policy(honest, other_policy), "没有施行"),
        (with_places(honest, {first.jurisdiction: {first.rating.status: 0}}), "各区域家数"),
        (with_places(honest, {"330299": {"white": 1}}), "各区域家数"),
        (with_policy(honest, renamed), "写的是 NB-2026-1"),
    ):
        with pytest.raises(ReleaseRefused, match=said):
            release(forged, tmp_path / "editions", keys)


def with_entries(honest: Edition, entries: tuple[Entry, ...]) -> Edition:
    """Another choice of entries under the counts of the honest edition, with a root that fits."""
    fresh = root([leaf(canonical(one)) for one in entries]).hex()
    manifest = structs.replace(honest.manifest, root=fresh)
    return Edition.of(manifest, entries, honest.policy)


def with_places(honest: Edition, counts: dict[str, dict[str, int]]) -> Edition:
    """The same entries under signed numbers of places."""
    places = tuple(
        Jurisdiction(id=id, name=id, organ="局", counts=many) for id, many in counts.items()
    )
    return structs.replace(honest, manifest=structs.replace(honest.manifest, jurisdictions=places))


def with_policy(honest: Edition, raw: bytes) -> Edition:
    """The same entries beside another policy, with a digest that fits."""
    manifest = structs.replace(honest.manifest, policy_digest=sha256(raw).hexdigest())
    return structs.replace(honest, policy=raw, manifest=manifest)


def test_a_released_edition_is_never_overwritten(tmp_path: Path, keys: Path) -> None:
    release(edition(), tmp_path / "editions", keys)
    other = edition()
    other = structs.replace(other, manifest=structs.replace(other.manifest, title="别的"))
    with pytest.raises(ReleaseRefused, match="已经发布"):
        release(other, tmp_path / "editions", keys)


def test_what_a_crash_left_in_staging_is_swept(tmp_path: Path, keys: Path) -> None:
    left = stage(edition(), tmp_path / "editions", keys, ())
    (left / "half").write_text("")
    folder = release(edition(), tmp_path / "editions", keys)
    assert not (folder / "half").exists()
    assert verify(folder, keys / "bureau.pub").problems == ()


def test_a_broken_chain_is_named(tmp_path: Path, keys: Path) -> None:
    release(edition(), tmp_path / "editions", keys)
    with pytest.raises(ReleaseRefused, match="链条"):
        release(edition("2026-11", "0" * 64), tmp_path / "editions", keys)
    release(edition("2026-11", edition().digest), tmp_path / "editions", keys)


def as_readme_says(folder: Path) -> "subprocess.CompletedProcess[str]":
    """The commands of README for whoever has not this software, as they stand there."""
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    _, _, section = readme.partition("## Check an edition without this software")
    _, _, block = section.partition("```sh\n")
    commands, _, _ = block.partition("```")
    words = ["bash", "-e", "-o", "pipefail", "-c", commands]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stranger_checks_an_edition_with_openssl_and_coreutils_as_readme_says(
    tmp_path: Path, keys: Path
) -> None:
    whole = edition()
    released = release(whole, tmp_path / "editions", keys, (render_csv, render_json))
    stranger = shutil.copytree(released, tmp_path / "stranger")
    shutil.copy(keys / "bureau.pub", stranger)
    done = as_readme_says(stranger)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("Signature Verified Successfully") == 2
    assert f"{whole.manifest.policy_digest}  policy.toml" in done.stdout
    for name in ("edition.json", "renderings.json", "entries.jsonl", "list.csv", "removals.json"):
        file = stranger / name
        content = file.read_bytes()
        at = len(content) // 2
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        done = as_readme_says(stranger)
        assert done.returncode != 0, name
        file.write_bytes(content)
    assert as_readme_says(stranger).returncode == 0


@pytest.mark.parametrize("name", ["entries.jsonl", "policy.toml", "list.csv", "renderings.json"])
def test_what_was_harmed_between_staging_and_the_check_is_not_released(
    name: str, tmp_path: Path, keys: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editions = tmp_path / "editions"
    first = release(edition(), editions, keys, (render_csv,))

    def harmed(*given: Any) -> Path:
        folder = stage(*given)
        raw = bytearray((folder / name).read_bytes())
        raw[len(raw) // 2] ^= 1
        (folder / name).write_bytes(raw)
        return folder

    monkeypatch.setattr("publisher.release.stage", harmed)
    with pytest.raises(ReleaseRefused, match=re.escape(name)):
        release(edition("2026-11", edition().digest), editions, keys, (render_csv,))
    assert sorted(one.name for one in editions.iterdir()) == ["2026-10", "bureau.pub", "current"]
    assert (editions / "current").resolve() == first
    assert verify(first, keys / "bureau.pub").problems == ()


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 100])
def test_the_root_is_the_one_of_an_independent_implementation(count: int) -> None:
    lines = [f"line {n}".encode() for n in range(count)]
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for line in lines:
        tree.append_entry(line)
    assert tree.get_root() == root([leaf(line) for line in lines])
