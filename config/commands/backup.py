"""What keeps the record: backup, restore, editions frozen again, the archive."""

import os
import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from config.cities.choice import member_at_hand
from config.cli import as_json, say, settings_of, xinyong

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


@xinyong.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--to", default="", help="公钥：age1… 或者含有公钥的文件 (the public key)")
@click.option("--verify", "checking", is_flag=True, help="做完即在旁边恢复一次，逐项核对")
@JSON
def backup(file: Path, to: str, checking: bool, for_programs: bool) -> None:
    """备份登记册、各版次、附件、密钥和城市设置，网站照常开放 (one file that restores the city)。"""
    from config.keeping.backup import make_backup
    from config.progress import shown
    from config.register import existing_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    with shown() as report:
        made = make_backup(engine, settings, file, to, now, report, checking=checking)
    engine.dispose()
    notes = made.checked.notes if made.checked else ()
    if for_programs:
        members = len(made.manifest.members)
        shown_of = msgspec.structs.asdict(made.manifest) | {"members": members}
        say(as_json({**msgspec.structs.asdict(made), "manifest": shown_of}))
        sys.exit(1 if notes or made.left_out else 0)
    said = made.manifest
    say(
        f"备份已写入 {made.file}：{made.size / 1e6:.1f} MB，{len(said.members)} 个文件，"
        f"台账至第 {said.ledger.seq} 条。"
    )
    say(f"SHA-256 {made.sha256}")
    if made.checked:
        say(f"已恢复核对：台账逐条相接，各表行数相符，{made.checked.editions} 个版次相符。")
    for one in notes:
        say(f"  {one}")
    for one in made.left_out:
        say(f"  没有备份链接 {one}：它指向别处，请把它指的文件另行保存。")
    if not made.sealed:
        say("警告：备份没有加密，内有密钥和个人信息。请妥善保管，或者用 --to 加密。", err=True)
    sys.exit(1 if notes or made.left_out else 0)


@xinyong.command()
@click.argument("file", type=FILE)
@click.option("--key", type=FILE, help="私钥文件 (the private key)")
@click.option("--into", type=click.Path(path_type=Path), help="恢复到这个数据文件夹")
@click.option("--signer", type=FILE, help="另行保存的公钥 bureau.pub，用来核对备份是本局做的")
@click.option("--published", type=FOLDER, help="公开的版次文件夹：备份以后发布的由此补上")
def restore(
    file: Path, key: Path | None, into: Path | None, signer: Path | None, published: Path | None
) -> None:
    """从备份恢复，只往空的地方写，核对无误才换入 (into an empty place only)。"""
    from config.keeping.restore import Wanted, restore
    from config.progress import shown

    member = member_at_hand()
    data = into or settings_of().data
    environ = {**os.environ, **(member.environ if member else {})}
    wanted = Wanted(file=file, key=key, data=data, signer=signer, published=published)
    with shown() as report:
        done = restore(wanted, report, environ)
    said = done.manifest
    say(
        f"{said.name}已恢复到 {done.data}：备份于 {said.made_at:%Y-%m-%d %H:%M}，"
        f"台账至第 {said.ledger.seq} 条，{done.checked.editions} 个版次。"
    )
    if done.added:
        say(f"备份以后发布的已补上：{'、'.join(done.added)}。")
    for one in done.checked.notes:
        say(f"  {one}")
    say(f"请设置 XINYONG_DATA={done.data} 和 XINYONG_CITY={done.city}，再执行：")
    say("  xinyong doctor    检查这台机器")
    say("  xinyong rebuild   从登记册重新冻结各版次，核对校验码")


@xinyong.command()
@click.argument("editions", nargs=-1)
@click.option("--missing", is_flag=True, help="登记册写着已发布而没有文件夹的，重新作出")
@JSON
def rebuild(editions: tuple[str, ...], missing: bool, for_programs: bool) -> None:
    """从登记册重新冻结已发布的版次，核对校验码 (freezes released editions again)。"""
    from config.keeping.rebuild import freeze_again, make_missing
    from config.progress import shown
    from config.register import existing_register

    settings = settings_of()
    engine = existing_register(settings)
    if missing:
        now = datetime.now(settings.zone)
        made = make_missing(engine, settings, editions, now)
        engine.dispose()
        if for_programs:
            say(as_json({"made": made}))
        else:
            say(f"已重新作出：{'、'.join(made)}。" if made else "没有缺少的版次。")
        return
    with shown() as report:
        found = list(freeze_again(engine, settings, editions, report))
    engine.dispose()
    if for_programs:
        say(as_json(found))
    else:
        for one in found:
            word = "相符" if one.same else "不符"
            lies = "" if one.lies else "（没有文件夹）"
            say(f"{word}  {one.edition}{lies} {one.digest}{'  ' + one.why if one.why else ''}")
        if not found:
            say("登记册里还没有已发布的版次。")
    sys.exit(0 if all(one.same and one.lies for one in found) else 1)


@xinyong.command()
@click.argument("year", type=click.IntRange(2000, 2999))
@click.argument("folder", type=click.Path(path_type=Path))
def archive(year: int, folder: Path) -> None:
    """把一年的版次和台账写成归档包，供移交档案馆 (a BagIt bag, RFC 8493)。"""
    from config.keeping.bag import archive_year
    from config.progress import shown
    from config.register import existing_register

    settings = settings_of()
    engine = existing_register(settings)
    now = datetime.now(settings.zone)
    with shown() as report:
        many = archive_year(engine, settings, year, folder, now, report)
    engine.dispose()
    say(f"{year} 年的归档包已写入 {folder}：{many} 个文件。")
    say(f"核对：cd {folder} && sha256sum -c manifest-sha256.txt tagmanifest-sha256.txt")


@xinyong.command()
@click.option("--erase", is_flag=True, help="现在就删除，不等每天的定时办理")
@JSON
def retention(erase: bool, for_programs: bool) -> None:
    """保存期限表，已满期限的各有多少 (terms of what is kept, and what is over)。"""
    from config.keeping.clock import erase_due, over
    from config.register import existing_register
    from registry.retention import TERMS

    settings = settings_of()
    now = datetime.now(settings.zone)
    engine = existing_register(settings)
    found = {one.key: one.number for one in (erase_due if erase else over)(engine, settings, now)}
    engine.dispose()
    if for_programs:
        say(as_json([{"term": one, "over": found.get(one.key)} for one in TERMS]))
        return
    word = "已删除" if erase else "已满期限"
    for one in TERMS:
        many = f"，{word} {found[one.key]} 项" if one.ends else ""
        say(f"{one.what}：自{one.since}起{one.length}{many}。{'；'.join(one.basis)}")
