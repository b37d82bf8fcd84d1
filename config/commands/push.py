"""Push on the command line: who is told of changes, and what is sent to them again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

import click
from msgspec import Struct
from sqlalchemy import Engine

from config.cli import as_json, say, settings_of, xinyong
from config.settings import Settings
from registry.access import Actor

BY = click.option("--by", default="", help="经办的账户名，不写则为命令行 (the account that acts)")
JSON = click.option("--json", "for_programs", is_flag=True, help="输出 JSON")


class Desk(Struct, frozen=True, kw_only=True):
    """What every command here works with."""

    settings: Settings
    engine: Engine
    actor: Actor
    now: datetime

    @property
    def clock(self) -> Callable[[], datetime]:
        """The city's time as it goes on."""
        return lambda: datetime.now(self.settings.zone)


@xinyong.group()
def subscription() -> None:
    """推送的登记：登记、核验、暂停、取消、查看 (who is told of changes)。"""


@subscription.command("add")
@click.argument("url")
@click.option("--contact", required=True, help="联系人和联系方式")
@click.option("--district", default="", help="只要一个区县或者功能区的编号")
@click.option("--institution", default="", help="只要一家机构的编号")
@click.option("--search", default="", help="只要这样查得到的机构")
@BY
def add_subscription(
    url: str, contact: str, district: str, institution: str, search: str, by: str
) -> None:
    """登记一个接收地址；密钥只显示这一次 (adds a subscriber; its secret is shown once)。"""
    from config.push import caller_of
    from registry import acts
    from registry.database import writing
    from registry.errors import read_form
    from registry.forms import SubscriptionForm
    from registry.identity import read_institution_id

    asked = {"jurisdiction": district, "institution": institution, "search": search}
    chosen = {scope: what for scope, what in asked.items() if what} or {"city": ""}
    if len(chosen) > 1:
        raise click.UsageError("--district、--institution、--search 只能写一个；都不写则为全市。")
    ((scope, what),) = chosen.items()
    with _desk(by) as desk:
        if scope == "institution":
            what = read_institution_id(desk.settings.prefix, what) or what
        sheet = {"url": url, "contact": contact, "scope": scope, "what": what}
        form = read_form(SubscriptionForm, sheet)
        with writing(desk.engine) as session:
            id = acts.add_subscription(session, form, by=desk.actor, now=desk.now)
        secret = caller_of(desk.settings, desk.clock).secret(id, 1)
    say(f"推送 {id} 已登记，待核验。密钥（只显示这一次）：\n{secret}")
    say(f"对方设置好密钥以后：xinyong subscription verify {id}")


@subscription.command("verify")
@click.argument("id")
@BY
def verify_subscription(id: str, by: str) -> None:
    """核验接收方，通过以后启用；暂停的由此恢复 (a signed challenge; on success calls begin)。"""
    from config.push import caller_of
    from registry import acts, queries
    from registry.calling import Target
    from registry.database import reading, writing

    with _desk(by) as desk:
        with reading(desk.engine) as session:
            line = queries.subscription(session, id)
        target = Target(id=line.id, url=line.url, generation=line.generation)
        outcome = caller_of(desk.settings, desk.clock).challenge(target)
        if outcome.verdict != "arrived":
            said = f"推送 {id} 没有通过核验：{outcome.error}。请对方改好以后再核验。"
            say(said, err=True)
            sys.exit(1)
        with writing(desk.engine) as session:
            acts.activate_subscription(session, id, by=desk.actor, now=desk.now)
    say(f"推送 {id} 已启用。")


@subscription.command("list")
@click.option("--all", "ended", is_flag=True, help="连已取消的")
@JSON
def list_subscriptions(ended: bool, for_programs: bool) -> None:
    """列出推送和各自等待、没有送达的条数 (the subscribers, and what waits for each)。"""
    from registry import queries
    from registry.database import reading

    with _desk() as desk, reading(desk.engine) as session:
        found = queries.subscriptions(session, ended=ended)
    if for_programs:
        say(as_json(found))
        return
    for one in found:
        counts = f"等待 {one.waiting}\t没有送达 {one.dead}\t送达 {one.delivered}"
        state = f"{one.state_name}{'：' if one.because else ''}{one.because}"
        say(f"{one.id}\t{state}\t{one.scope_name}\t{one.url}\t{one.contact}\t{counts}")


@subscription.command("pause")
@click.argument("id")
@click.option("--reason", default="由命令行暂停", help="原因")
@BY
def pause_subscription(id: str, reason: str, by: str) -> None:
    """暂停推送；其间的变化等着，不会丢 (stops the calls; what comes meanwhile waits)。"""
    from registry import acts
    from registry.database import writing

    with _desk(by) as desk, writing(desk.engine) as session:
        acts.pause_subscription(session, id, reason, by=desk.actor, now=desk.now)
    say(f"推送 {id} 已暂停。恢复请用：xinyong subscription verify {id}")


@subscription.command("remove")
@click.argument("id")
@BY
def remove_subscription(id: str, by: str) -> None:
    """取消推送；还没送的不再送 (ends a subscription)。"""
    from registry import acts
    from registry.database import writing

    with _desk(by) as desk, writing(desk.engine) as session:
        acts.remove_subscription(session, id, by=desk.actor, now=desk.now)
    say(f"推送 {id} 已取消。")


@xinyong.group()
def push() -> None:
    """推送：立即送出、重新推送、再送没有送达的 (what is sent to subscribers)。"""


@push.command("send")
def send_push() -> None:
    """现在就送出到期的推送；平时由 serve 每分钟办理 (sends what is due now)。"""
    from config.push import Pushing

    with _desk() as desk:
        arrived = Pushing(desk.engine, desk.settings, desk.clock).run()
    say(f"送达 {arrived} 条。")


@push.command("replay")
@click.argument("id")
@click.option("--since", required=True, help="从哪一版起，如 2026-09")
@BY
def replay_push(id: str, since: str, by: str) -> None:
    """从某一版起重新推送，编号和上次一样 (sends again, under the same ids)。"""
    from config.push import Pushing

    with _desk(by) as desk:
        many = Pushing(desk.engine, desk.settings, desk.clock).replay(id, since, desk.actor)
    say(f"推送 {id} 从 {since} 起的 {many} 条已重新排队，编号和上次一样。")


@push.command("retry")
@click.argument("id")
@click.option("--event", default="", help="只再送一条；不写则全部")
@BY
def retry_push(id: str, event: str, by: str) -> None:
    """再送没有送达的推送 (puts dead letters back in the queue)。"""
    from registry import acts
    from registry.database import writing

    with _desk(by) as desk, writing(desk.engine) as session:
        many = acts.retry_push(session, id, event, by=desk.actor, now=desk.now)
    say(f"{many} 条已重新排队。")


@contextmanager
def _desk(by: str = "") -> Iterator[Desk]:
    """Who acts, in which register, and when; the register is closed at the end."""
    from config.register import OPERATOR, actor_of, opened_register

    settings = settings_of()
    now = datetime.now(settings.zone)
    with opened_register(settings) as engine:
        actor = actor_of(engine, by, now) if by else OPERATOR
        yield Desk(settings=settings, engine=engine, actor=actor, now=now)
