"""An edition made again in proportion to what changed is, file by file, the one made again whole."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from functools import cache, partial
from pathlib import Path

import pytest
from msgspec import structs

from publisher.announcement import render_announcement
from publisher.changes import render_changes
from publisher.correction_paper import render_corrections
from publisher.data import render_csv, render_json
from publisher.edition import Edition, Jurisdiction
from publisher.kept import Kept
from publisher.lookup import render_lookup
from publisher.pages.render import render_pages
from publisher.paper_key import CERTIFICATE, create_paper_key
from publisher.paper_signing import Signing, paper_signer
from publisher.pdf import edition_pdfs
from publisher.release import Renderer, release
from publisher.signing import create_key
from publisher.verify import verify
from publisher.withdraw import Withdrawn, bury
from tests.publisher.test_release import edition

NAME, DAY = "2026-10", date(2026, 11, 20)
AT = datetime(2026, 11, 20, 1, tzinfo=UTC)
ALWAYS = {"edition.json", "edition.json.sig", "policy.toml"}


@cache
def city() -> Edition:
    """An edition of a city whose districts have papers and pages of their own."""
    one = edition(NAME)
    ids = sorted({entry.jurisdiction for entry in one.entries})[:4]
    counts = {id: Counter[str]() for id in ids}
    for entry in one.entries:
        counts.get(entry.jurisdiction, Counter())[entry.rating.status] += 1
    places = tuple(
        Jurisdiction(id=id, name=f"区{id}", organ="局", counts=dict(many))
        for id, many in counts.items()
    )
    return structs.replace(one, manifest=structs.replace(one.manifest, jurisdictions=places))


def made(keys: Path, kept: Kept | None = None) -> tuple[Renderer, ...]:
    """Every renderer whose files may be taken over, and some whose files may not."""

    def print_papers(edition: Edition, folder: Path) -> None:
        edition_pdfs(edition, folder, 1, kept=kept)

    return (
        render_csv,
        render_json,
        render_changes,
        partial(render_lookup, kept=kept),
        print_papers,
        partial(render_announcement, kept=kept),
        partial(render_corrections, kept=kept),
        paper_signer(Signing(keys=keys, at=AT), kept),
        partial(render_pages, kept=kept),
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An edition with every file, which nobody changes."""
    home = tmp_path_factory.mktemp("kept")
    create_key(home / "keys")
    create_paper_key(home / "keys", "宁波市教育局", DAY)
    release(city(), home / "editions", home / "keys", made(home / "keys"))
    return home


@pytest.fixture
def again(whole: Path, tmp_path: Path) -> Callable[[str, bool], tuple[Path, Kept]]:
    """Withdraws an entry from a copy; everything made again, or what changed."""

    def withdrawn(id: str, everything: bool) -> tuple[Path, Kept]:
        home = tmp_path / ("everything" if everything else "changed")
        if not home.exists():
            shutil.copytree(whole, home, symlinks=True)
        seen: list[Kept] = []

        def renderers(kept: Kept) -> Iterable[Renderer]:
            seen.append(kept)
            return made(home / "keys", None if everything else kept)

        gone = {id: Withdrawn(institution=id, on=DAY, reason="处罚决定已撤销", listed="black")}
        assert bury(home / "editions" / NAME, home / "keys", gone, DAY, renderers)
        assert verify(home / "editions" / NAME, home / "keys/bureau.pub").problems == ()
        return home / "editions" / NAME, seen[0]

    return withdrawn


def files(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    found = (one for one in folder.rglob("*") if one.is_file())
    return {one.relative_to(folder).as_posix(): one.read_bytes() for one in found}


@pytest.mark.parametrize("status", ["white", "watch", "black", "none"])
def test_what_is_taken_over_is_what_would_be_made(
    whole: Path, again: Callable[[str, bool], tuple[Path, Kept]], status: str
) -> None:
    entries = city().entries
    one = next((one for one in entries if one.rating.status == status), entries[0])
    full, nothing = again(one.institution, True)
    quick, kept = again(one.institution, False)
    assert not nothing.taken
    # The time of signing is the same, so that the signatures are too.
    assert files(quick) == files(full)
    before, after = files(whole / "editions" / NAME), files(quick)
    same = {name for name in before if before[name] == after.get(name)}
    assert kept.taken <= same
    elsewhere = {place.id for place in city().manifest.jurisdictions} - {one.jurisdiction}
    for place in elsewhere:
        wanted = {f"pdf/{key}-{place}.pdf" for key in ("white", "watch", "black")}
        wanted |= {f"lists/{key}-{place}.html" for key in ("white", "watch", "black")}
        assert wanted <= kept.taken
    assert same >= ALWAYS


def test_what_a_further_withdrawal_does_not_touch_stays(
    again: Callable[[str, bool], tuple[Path, Kept]],
) -> None:
    """Of whoever stands on no list no paper tells, and the announcement says already that one is withdrawn."""
    first, second = [one.institution for one in city().entries if one.rating.status == "none"][:2]
    for id in (first, second):
        full, _ = again(id, True)
        quick, kept = again(id, False)
        assert files(quick) == files(full)
        assert {name for name in files(quick) if name.startswith("pdf/")} <= kept.taken
        assert {"white.pdf", "watch.pdf", "black.pdf"} <= kept.taken
        assert ("notice.pdf" in kept.taken) == (id == second)


def test_a_file_that_was_changed_since_it_was_signed_is_made_and_not_taken(
    whole: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(whole, home, symlinks=True)
    folder = home / "editions" / NAME
    kept = Kept(folder, city(), home / "keys")
    into = tmp_path / "into"
    into.mkdir()
    assert kept.take_paper("white.pdf", into)
    (folder / "black.pdf").write_bytes(b"%PDF-1.7 something else")
    assert not kept.take("black.pdf", into)
    assert not kept.take("pdf/nowhere.pdf", into)
    assert not (into / "black.pdf").exists()
    assert kept.taken == {"white.pdf"}
    (home / "keys" / CERTIFICATE).write_bytes(b"another")
    assert not kept.take_paper("watch.pdf", into)
    assert kept.take("watch.pdf", into)
    static = tmp_path / "static"
    static.mkdir()
    (static / "look.css").write_bytes((folder / "look.css").read_bytes())
    assert kept.looks_alike(static, ("look.css",))
    (static / "look.css").write_bytes(b"another look")
    assert not kept.looks_alike(static, ("look.css",))
