"""Notices are made once, seen at once, sent until they arrive, and given up in the open."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme
from sqlalchemy import Engine, text
from sqlmodel import Session
from standardwebhooks import Webhook as Verifier

from registry import acts, queries
from registry.access import Actor
from registry.accounts import capacities, change_email, create_account, end_grant, grant_role
from registry.calendar import Calendar
from registry.channels import Mail, Webhook
from registry.database import reading, writing
from registry.errors import read_form
from registry.forms import AccountForm, CoverSheet, EmailForm, GrantForm, LicenceForm
from registry.mail_server import MailServer
from registry.outbox import PAUSES, Notice, deliver, mark_read, put
from registry.reminders import remind, reminders
from tests.registry import people as p
from tests.registry.mailboxes import Encrypted, Mailbox, receiving
from tests.registry.receivers import Receiver, closed_port, running

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CLOCK = acts.Actor(account="schedule", role="publisher", name="定时")
WEEKENDS = Calendar({})


def person(session: Session, actor: acts.Actor, email: str = "", jurisdiction: str = "") -> None:
    sheet = {"id": actor.account, "name": actor.name, "password": "long-enough-1", "email": email}
    form = read_form(AccountForm, {**sheet, "role": actor.role, "jurisdiction": jurisdiction})
    create_account(session, form, by=p.ADMIN, now=p.NOW.replace(month=1))


def notice(key: str = "n1", **more: str) -> Notice:
    return Notice(
        **{
            "key": key,
            "kind": "due",
            "account": "li",
            "subject": "到期\n提醒",
            "body": "今天到期",
            **more,
        }
    )


def mail(port: int, **server: bool) -> Mail:
    said = {"tls": False, "starttls": False, **server}
    return Mail(
        server=MailServer(host="127.0.0.1", port=port, sender="xinyong@example.invalid", **said),
        site="https://xy.example.invalid/",
        user="xinyong" if any(said.values()) else "",
        password="a long word",  # noqa: S106 of a server that lives as long as one test
        now=lambda: p.NOW,
    )


def test_one_key_is_one_notice_and_only_its_addressee_reads_it(engine: Engine) -> None:
    with writing(engine) as session:
        assert put(session, notice(), p.NOW)
        assert not put(session, notice(body="别的话"), p.NOW)
        (line,) = queries.notices(session, account="li")
        assert line.body == "今天到期"
        assert queries.notices(session) == queries.notices(session, account="sun") == []
        mark_read(session, "n1", account="sun", now=p.NOW)
        assert queries.unread(session, account="li") == 1
        mark_read(session, "n1", account="li", now=p.NOW)
        assert queries.unread(session, account="li") == 0


def test_a_mail_arrives_in_plain_words_and_is_sent_once(engine: Engine) -> None:
    with writing(engine) as session:
        person(session, p.LI, "li@example.invalid")
        person(session, p.SUN)
        put(session, notice(link="desk/"), p.NOW)
        put(session, notice("n2", account="sun"), p.NOW)
    with receiving(Mailbox()) as box:
        channels = {"mail": mail(box.port)}
        assert deliver(engine, channels, p.NOW) == 1
        assert deliver(engine, channels, p.NOW + timedelta(days=1)) == 0
        ((to, body),) = box.messages
    message = message_from_bytes(body, policy=default)
    assert (to, message["Subject"]) == ("li@example.invalid", "到期 提醒")
    assert "今天到期" in message.get_content()
    assert "https://xy.example.invalid/desk/" in message.get_content()


def test_whoever_acts_for_an_institution_no_more_gets_none_of_its_mail(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for account in ("former", "present"):
            sheet = {"id": account, "name": account, "password": "long-enough-1"}
            form = read_form(AccountForm, {**sheet, "role": "institution", "institution": id})
            create_account(session, form, by=p.ADMIN, now=p.NOW.replace(month=1))
            own = Actor(account=account, role="institution")
            reached = EmailForm(email=f"{account}@example.invalid")
            change_email(session, account, reached, by=own, now=p.NOW)
        (grant,) = capacities(session, "former", p.NOW)
        end_grant(session, "former", grant.id, by=p.ADMIN, now=p.NOW)
        put(session, notice(account="", institution=id), p.NOW)
    with receiving(Mailbox()) as box:
        assert deliver(engine, {"mail": mail(box.port)}, p.NOW) == 1
        assert [to for to, _ in box.messages] == ["present@example.invalid"]


@pytest.mark.parametrize("encrypted", ["starttls", "tls"])
def test_a_server_is_signed_in_at_only_where_its_certificate_can_be_trusted(
    engine: Engine, encrypted: Encrypted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with writing(engine) as session:
        person(session, p.LI, "li@example.invalid")
        put(session, notice(), p.NOW)
    authority = trustme.CA()
    account = ("xinyong", "a long word")
    with receiving(Mailbox(account=account), encrypted, authority) as box:
        channels = {"mail": mail(box.port, **{encrypted: True})}
        assert deliver(engine, channels, p.NOW) == 0  # nobody here knows who signed it
        assert box.messages == []
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        assert deliver(engine, channels, p.NOW + PAUSES[0]) == 1
        assert len(box.messages) == 1


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai"])
def test_a_web_call_is_signed_so_that_its_receiver_can_check_it(engine: Engine, zone: str) -> None:
    with writing(engine) as session:
        put(session, notice(), p.NOW)
    now = datetime.now(ZoneInfo(zone))  # noqa: TID251 the verifier refuses old signatures
    with running(Receiver()) as server:
        hook = Webhook(url=server.url, secret=SECRET, now=lambda: now)
        assert deliver(engine, {"webhook": hook}, p.NOW) == 1
        ((headers, body),) = server.calls
    Verifier(SECRET).verify(body.decode(), headers)
    said = json.loads(body)
    assert (said["type"], said["data"]["key"]) == ("notice.due", "n1")
    assert headers["webhook-id"] == "n1"


@pytest.mark.parametrize("refusals", [1, 3])
def test_what_is_refused_is_sent_again_after_longer_pauses(engine: Engine, refusals: int) -> None:
    with writing(engine) as session:
        put(session, notice(), p.NOW)
    at = p.NOW
    with running(Receiver(refusals)) as server:
        hook = Webhook(url=server.url, secret=SECRET, now=lambda: p.NOW)
        for pause in PAUSES[:refusals]:
            assert deliver(engine, {"webhook": hook}, at) == 0
            assert deliver(engine, {"webhook": hook}, at + pause - timedelta(seconds=1)) == 0
            at += pause
        assert deliver(engine, {"webhook": hook}, at) == 1
        assert len(server.calls) == 1
    assert list(PAUSES) == sorted(PAUSES)


def test_what_never_arrives_is_given_up_and_seen(engine: Engine) -> None:
    with writing(engine) as session:
        person(session, p.LI, "li@example.invalid")
        put(session, notice(), p.NOW)
    channels, at = {"mail": mail(closed_port())}, p.NOW
    for pause in (*PAUSES, timedelta(0)):
        assert deliver(engine, channels, at) == 0
        at += pause
    with reading(engine) as session:
        (dead,) = queries.dead_letters(session)
        assert (dead.notice, dead.attempts) == ("n1", len(PAUSES) + 1)
        assert "没有收下" in dead.error
        assert queries.unread(session, account="li") == 1  # here it is seen all the same
    assert deliver(engine, channels, at + timedelta(days=9)) == 0


def test_a_crash_between_sending_and_noting_sends_again_under_the_same_id(engine: Engine) -> None:
    with writing(engine) as session:
        put(session, notice(), p.NOW)
    with running(Receiver()) as server:
        hook = Webhook(url=server.url, secret=SECRET, now=lambda: p.NOW)

        def dies(one: Notice) -> None:
            hook(one)
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deliver(engine, {"webhook": dies}, p.NOW)
        assert deliver(engine, {"webhook": hook}, p.NOW) == 1
        assert [headers["webhook-id"] for headers, _ in server.calls] == ["n1", "n1"]


def test_a_channel_added_later_sends_what_is_still_fresh(engine: Engine) -> None:
    with writing(engine) as session:
        put(session, notice(), p.NOW - timedelta(days=30))
        put(session, notice("n2"), p.NOW)
    sent: list[str] = []

    def send(one: Notice) -> None:
        sent.append(one.key)

    assert deliver(engine, {"webhook": send}, p.NOW) == 1
    assert sent == ["n2"]


def days(engine: Engine, *on: str) -> Callable[[str], list[str]]:
    """Runs the daily pass on these days, each twice, and gives an account's notices by subject."""
    for day in on:
        at = datetime.fromisoformat(f"{day}T09:00:00+00:00")
        remind(engine, by=CLOCK, now=at, calendar=WEEKENDS)
        assert remind(engine, by=CLOCK, now=at, calendar=WEEKENDS) == 0

    def of(account: str) -> list[str]:
        with reading(engine) as session:
            lines = queries.notices(session, account=account)
        return sorted(one.subject for one in lines)

    return of


def test_the_days_reminders_are_found_while_an_act_holds_the_register(engine: Engine) -> None:
    with writing(engine) as session:
        person(session, p.WANG)
        p.finding(session, p.city(session))  # due on 16 March
    at = datetime.fromisoformat("2026-03-16T09:00:00+00:00")
    with writing(engine), reading(engine) as session:
        assert [one.account for one in reminders(session, now=at, calendar=WEEKENDS)] == ["wang"]


def test_a_clock_is_told_when_near_when_due_and_when_over_each_once(engine: Engine) -> None:
    with writing(engine) as session:
        for one in (p.WANG, p.LI):
            person(session, one)
        found = p.finding(session, p.city(session))  # due on 16 March
    told = days(engine, "2026-03-10", "2026-03-11", "2026-03-12", "2026-03-16", "2026-03-17")
    assert told("wang") == [
        f"问题 {found} 2026-03-16 到期",
        f"问题 {found} 今天（2026-03-16）到期",
        f"问题 {found} 已超过期限 2026-03-16",
    ]
    assert told("li") == []


def test_what_nobody_owns_is_told_to_the_inspectors_of_its_office(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        person(session, p.WANG, jurisdiction="330203")
        p.finding(session, id)
        session.connection().execute(text("UPDATE matter SET owner = ''"))
    assert len(days(engine, "2026-11-25")("wang")) == 1


def test_what_belongs_to_somebody_whose_role_is_over_is_told_to_the_office(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        for one in (p.WANG, p.SUN):
            person(session, one, jurisdiction="330203")
        inspector = GrantForm(role="inspector", jurisdiction="330203")
        grant_role(session, "sun", inspector, by=p.ADMIN, now=p.NOW)
        p.finding(session, id)
        session.connection().execute(
            text("UPDATE \"grant\" SET until = '2026-10-31' WHERE account = 'wang'")
        )
    told = days(engine, "2026-11-25")
    assert (len(told("sun")), told("wang")) == (1, [])


def test_the_end_of_a_suit_s_term_is_told_on_the_day_after(engine: Engine) -> None:
    with writing(engine) as session:
        person(session, p.LI)
        case = p.penalty(session, p.city(session), until="served")  # over on Friday, 16 October
        p.step(session, case, "perform", p.WANG, "2026-04-20", reason="罚款已缴")
    told = days(engine, "2026-10-12")
    assert told("li") == []
    (subject,) = days(engine, "2026-10-19")("li")
    assert subject.endswith("今天（2026-10-19）到期")


def test_terms_of_an_institution_are_told_sixty_thirty_and_seven_days_before_and_at_the_end(
    engine: Engine,
) -> None:
    with writing(engine) as session:
        id = p.city(session)
        person(session, p.WANG, jurisdiction="330203")
        licence = LicenceForm(number="1", since=date(2026, 1, 1), until=date(2027, 3, 1))
        acts.record_licence(session, id, licence, by=p.QIAN, now=p.NOW)
        sheet = {
            "institution": id,
            "cover_class": "premises",
            "insurer": "示例保险",
            "policy_no": "P1",
            "since": "2026-01-01",
            "until": "2026-12-31",
        }
        acts.record_cover(session, read_form(CoverSheet, sheet), by=p.QIAN, now=p.NOW)
        on = {"policy_no": "P2", "since": "2027-01-01", "until": "2027-12-31"}
        acts.record_cover(session, read_form(CoverSheet, sheet | on), by=p.QIAN, now=p.NOW)
    told = days(
        engine, "2026-12-30", "2026-12-31", "2027-01-30", "2027-02-22", "2027-03-01", "2027-03-02"
    )
    # The cover is continued without a gap, so nobody is bothered about its first policy.
    assert told("wang") == [
        "办学许可证将于 2027-03-01 到期，还有 30 天",
        "办学许可证将于 2027-03-01 到期，还有 60 天",
        "办学许可证将于 2027-03-01 到期，还有 7 天",
        "办学许可证已于 2027-03-01 到期，超期 1 天",
    ]
    with reading(engine) as session:
        assert len(queries.notices(session, institution=id)) == 4


def test_an_institution_is_told_of_each_step_that_concerns_it(engine: Engine) -> None:
    with writing(engine) as session:
        id = p.city(session)
        matter = p.penalty(session, id, until="served")
        assert {one.subject for one in queries.notices(session, institution=id)} == {
            f"处罚案件 {matter}：{word}"
            for word in (
                "处罚告知，已告知",
                "听取陈述申辩，已听取陈述申辩",
                "作出处罚决定，已决定",
                "两书同达，已送达",
            )
        }
