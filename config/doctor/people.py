"""The people: somebody keeps accounts, one prepares, another signs, and they show a second factor."""

from config.doctor.signs import Fault, Found, Ground
from config.key_files import SECOND, unopened
from registry.access import PERMISSIONS, STRONG_ROLES
from registry.accounts.vault import LENGTH, SEALED, kept_secrets
from registry.database import reading
from registry.queries.people import holders


def second_factors(ground: Ground) -> Found:
    """What was sealed of second factors can be opened; without the key nobody who decides signs in."""
    with reading(ground.register) as session:
        kept = kept_secrets(session)
    sealed = {id: one for id, one in kept.items() if one.startswith(SEALED)}
    file = ground.settings.keys / SECOND
    remedy = (
        f"{len(sealed)} 个账户的验证码核对不了，只能用备用码登录。请从备份恢复它；"
        "没有备份的，请执行 xinyong user rekey，再请本人重新设置两步验证。"
    )
    key = file.read_bytes() if file.exists() else b""
    if sealed and not key:
        yield Fault("second.lost", f"两步验证的密钥 {file} 不在了，{remedy}")
    elif key and len(key) != LENGTH:
        yield Fault("second.broken", f"两步验证的密钥 {file} 已损坏，{remedy}")
    elif foreign := _unopened(ground) if sealed else []:
        said = f"两步验证的密钥 {file} 不是加密 {'、'.join(foreign[:5])} 时用的那一个，{remedy}"
        yield Fault("second.other", said)
    plain = len(kept) - len(sealed)
    yield f"{len(kept)} 个账户" + (f"，其中 {plain} 个尚未加密，凌晨自动加密" if plain else "")


def _unopened(ground: Ground) -> list[str]:
    with reading(ground.register) as session:
        return unopened(ground.settings.keys, session)


def people(ground: Ground) -> Found:
    """Two people can release an edition, and whoever decides or releases shows a second factor."""
    with reading(ground.register) as session:
        found = holders(session, ground.now)
    whole = [one for one in found if not one.jurisdiction]
    roles = {one.role for one in found}
    if "administrator" not in roles:
        said = "没有管理员，没有人能管理账户。请执行 xinyong user add 账户 --role administrator --name 姓名。"
        yield Fault("people.no_administrator", said)
    preparers = {one.account for one in whole if one.role in PERMISSIONS["prepare_edition"]}
    signers = {one.account for one in whole if one.role in PERMISSIONS["approve_edition"]}
    if not preparers:
        said = "没有市级发布员，名单没有人拟制。请在账户页开立至少两名市级发布员。"
        yield Fault("people.no_publisher", said)
    elif len(preparers | signers) < 2:
        said = (
            f"能拟稿和签字的只有 {'、'.join(preparers)} 一人，名单须由两人拟制和签发。"
            "请在账户页再开立一名市级发布员。"
        )
        yield Fault("people.one_signer", said)
    if not ground.settings.fictional:
        bare = {
            one.account
            for one in found
            if one.role in STRONG_ROLES and one.begun and not one.second
        }
        if bare:
            said = (
                f"{'、'.join(sorted(bare))} 能签发或者管理账户，却没有两步验证。请本人登录后设置。"
            )
            yield Fault("people.second_factor", said)
    told = [one for one in found if one.role in ("administrator", "publisher")]
    if ground.settings.city.mail and not any(one.reached for one in told):
        said = (
            "设了 [mail]，管理员和发布员却都没有填电子邮箱，提醒寄不到他们。"
            "请他们在“我的账户”页填写，或者由管理员在账户页填写。"
        )
        yield Fault("people.no_email", said)
    yield f"{len({one.account for one in found})} 个账户在用"
