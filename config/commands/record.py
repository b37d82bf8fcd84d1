"""The register on the command line: its version, its people, its ratings."""

import sys
from datetime import date, datetime
from pathlib import Path

import click

from config.cli import as_json, settings_of, xinyong
from config.intake import summary
from registry.access import ROLE_NAMES
from registry.importing import FORMS

KINDS = tuple(FORMS)
EARLIEST = datetime(1900, 1, 1)  # noqa: DTZ001 before any city's record, in whatever zone
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@xinyong.command()
@click.option("--as", "owner", default="", help="以这个数据库用户执行：模式归它所有 (the owner)")
@click.option(
    "--grant", "role", default="", help="给这个数据库用户办事要的权限 (the program's role)"
)
def migrate(owner: str, role: str) -> None:
    """把数据库升到这个版本，登记本市的区划 (brings the database to this version)。"""
    from config.register import grant_to, open_register, owned_by
    from registry.database import revision_of

    settings = owned_by(settings_of(), owner)
    engine = open_register(settings)
    click.echo(f"数据库已是版本 {revision_of(engine)}。")
    if role or owner:
        for one in grant_to(engine, settings, role):
            click.echo(f"数据库用户 {one} 可以办事，台账和各步骤只能增加，不能改。")
    engine.dispose()


@xinyong.command("import")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("file", type=FILE)
@click.option("--map", "mapping", type=FILE, help="另一份列映射 (another column map)")
@click.option("--by", default="", help="经办的账户名，不写则为命令行 (the account that acts)")
@click.option("--dry-run", is_flag=True, help="只核对，不写入")
@click.option("--accept-valid", is_flag=True, help="合格的行先导入，有错的行列出")
@click.option("--update", is_flag=True, help="已登记的，照文件更新（旧记录留存）")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def take_in(  # noqa: PLR0913 one argument per option
    kind: str,
    file: Path,
    mapping: Path | None,
    by: str,
    dry_run: bool,
    accept_valid: bool,
    update: bool,
    for_programs: bool,
) -> None:
    """导入台账（CSV、XLSX、JSON）；默认有一行不对就一行都不导入 (takes in a ledger)。"""
    from config.intake import take_in_file
    from config.progress import shown

    settings = settings_of()
    with shown() as report:
        outcome = take_in_file(
            settings,
            kind,
            file,
            mapping=mapping,
            by=by,
            dry_run=dry_run,
            accept_valid=accept_valid,
            update=update,
            report=report,
        )
    if for_programs:
        click.echo(as_json(outcome))
    else:
        for told in (outcome.problems, outcome.differences, outcome.suspected):
            click.echo("".join(f"{one.sentence}\n" for one in told), nl=False)
        if outcome.unread:
            click.echo(f"没有读取：{'、'.join(outcome.unread)}。")
        click.echo(summary(outcome, dry_run=dry_run, accept_valid=accept_valid))
    sys.exit(1 if outcome.problems else 0)


@xinyong.group()
def user() -> None:
    """账户：开立、停用、查看 (the accounts)。"""


@user.command("add")
@click.argument("account")
@click.option("--name", required=True, help="姓名")
@click.option("--role", type=click.Choice(ROLE_NAMES), required=True, help="角色")
@click.option("--jurisdiction", default="", help="限于区县的编号")
@click.option("--institution", default="", help="机构账户所属的机构编号")
@click.option("--email", default="", help="电子邮箱，提醒寄到这里")
@click.password_option("--password", prompt="密码", confirmation_prompt="再输入一次")
def add_user(account: str, **values: str) -> None:
    """开立账户；密码可以从标准输入读入 (opens an account)。"""
    from config.register import OPERATOR, existing_register
    from registry.accounts import create_account
    from registry.database import writing
    from registry.errors import read_form
    from registry.forms import AccountForm

    settings = settings_of()
    form = read_form(AccountForm, {**values, "id": account})
    with writing(existing_register(settings)) as session:
        create_account(session, form, by=OPERATOR, now=datetime.now(settings.zone))
    click.echo(f"账户 {form.id} 已开立。")


@user.command("invite")
@click.argument("account")
@click.option("--name", required=True, help="姓名")
@click.option("--role", type=click.Choice(ROLE_NAMES), required=True, help="角色")
@click.option("--jurisdiction", default="", help="限于区县的编号")
@click.option("--institution", default="", help="机构账户所属的机构编号")
@click.option("--email", default="", help="电子邮箱，提醒寄到这里")
def invite_user(account: str, **values: str) -> None:
    """开立账户，打印一个只能用一次的密码，本人登录后自己设密码 (a password that serves once)。"""
    from secrets import token_urlsafe

    from config.register import OPERATOR, existing_register
    from registry.accounts import create_account
    from registry.accounts.passwords import ONCE
    from registry.database import writing
    from registry.errors import read_form
    from registry.forms import AccountForm

    settings = settings_of()
    password = token_urlsafe(12)
    form = read_form(AccountForm, {**values, "id": account, "password": password})
    with writing(existing_register(settings)) as session:
        create_account(session, form, by=OPERATOR, now=datetime.now(settings.zone), once=True)
    hours = int(ONCE.total_seconds() // 3600)
    click.echo(
        f"账户 {form.id} 已开立。一次性密码：{password}（{hours} 小时内登录一次，登录后自己设密码）"
    )


@user.command("close")
@click.argument("account")
def close_user(account: str) -> None:
    """停用账户，立即结束它的登录，列出它名下无人负责的事项 (closes an account)。"""
    from config.register import OPERATOR, existing_register
    from registry import queries
    from registry.accounts import close_account
    from registry.database import writing

    settings = settings_of()
    with writing(existing_register(settings)) as session:
        left = queries.matters(session, owner=account, open_only=True, limit=100_000)
        close_account(session, account, by=OPERATOR, now=datetime.now(settings.zone))
    click.echo(f"账户 {account} 已停用。")
    if left:
        click.echo(f"它负责的 {len(left)} 件事项现在无人负责，请在检查工作台交接：")
    for one in left:
        click.echo(f"  {one.id}\t{one.kind_name}\t{one.name}\t{one.state_name}")


@user.command("rekey")
def rekey_users() -> None:
    """两步验证的密钥丢失又没有备份时：解除打不开的两步验证，另生成密钥 (a new key for second factors)。"""
    from config.key_files import rekey
    from config.register import OPERATOR, existing_register

    settings = settings_of()
    engine = existing_register(settings)
    gone = rekey(settings, engine, by=OPERATOR, now=datetime.now(settings.zone))
    engine.dispose()
    if gone:
        click.echo(f"已解除 {'、'.join(gone)} 的两步验证。请通知本人登录后重新设置。")
    else:
        click.echo("每个账户的两步验证都打得开，没有改动。")


@user.command("list")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def list_users(for_programs: bool) -> None:
    """列出现有账户 (the accounts in force)。"""
    from config.register import existing_register
    from registry.accounts import accounts
    from registry.database import reading

    settings = settings_of()
    with reading(existing_register(settings)) as session:
        found = accounts(session, datetime.now(settings.zone))
    if for_programs:
        click.echo(as_json(found))
        return
    for one in found:
        place = one.jurisdiction or one.institution
        click.echo(f"{one.account}\t{one.name}\t{one.role}\t{place}")


@xinyong.command()
@click.argument("institution", default="")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="按哪一天评定，不写则为今天")
@click.option(
    "--known",
    type=click.DateTime(["%Y-%m-%d"]),
    help="只用到那天为止登记的内容；到那天已撤销的，视为从未有过 (as known on a day)",
)
@click.option("--policy", type=FILE, help="换用另一份评分办法 (another policy)")
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def assess(
    institution: str,
    on: datetime | None,
    known: datetime | None,
    policy: Path | None,
    for_programs: bool,
) -> None:
    """评定一家或全部机构，写明每一分的由来 (ratings with their reasons)。"""
    from config.ratings import explain, next_version, ratings
    from registry.identity import read_institution_id
    from scoring.words import score_words

    settings = settings_of()
    day: date = on.date() if on else datetime.now(settings.zone).date()
    typed = read_institution_id(settings.prefix, institution) or institution
    wanted = [typed] if institution else None
    found = ratings(settings, day, wanted, policy, known.date() if known else None)
    if for_programs:
        click.echo(as_json([told for _, told in found]))
    elif institution:
        for name, told in found:
            later = None if policy else next_version(settings, day)
            click.echo("\n".join(explain(name, told, later)))
    else:
        for name, told in found:
            score = score_words(told)
            click.echo(f"{told.institution}\t{name}\t{told.grade}\t{score}\t{told.status}")


@xinyong.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="从哪一天起")
@click.option("--act", default="", help="只看一种办理，如 record_cover、finding.confirm")
@click.option("--institution", default="", help="只看一家机构的编号")
@click.option(
    "--limit", default=100, show_default=True, type=click.IntRange(1, 10**9), help="最多几条"
)
@click.option("--json", "for_programs", is_flag=True, help="输出 JSON")
def ledger(
    since: datetime | None, act: str, institution: str, limit: int, for_programs: bool
) -> None:
    """查看台账，新的在前 (entries of the ledger, the newest first)。"""
    from config.register import existing_register
    from registry import queries
    from registry.acts.authority import must_exist
    from registry.database import reading
    from registry.identity import read_institution_id

    settings = settings_of()
    wanted = queries.LedgerFilter(
        act=act,
        institution=read_institution_id(settings.prefix, institution) or institution,
        # The calendar's first day begins nowhere earlier, as it would in another zone.
        since=max(since, EARLIEST).replace(tzinfo=settings.zone) if since else None,
    )
    with reading(existing_register(settings)) as session:
        if institution:
            must_exist(session, wanted.institution)
        found = queries.ledger_entries(session, wanted, limit=limit)
    if not found:
        click.echo("没有符合的台账记录。", err=True)
    if for_programs:
        click.echo(as_json(found))
        return
    for one in found:
        at = f"{one.at.astimezone(settings.zone):%Y-%m-%d %H:%M:%S}"
        click.echo(f"{one.seq}\t{at}\t{one.account}\t{one.act}\t{one.institution or one.subject}")
