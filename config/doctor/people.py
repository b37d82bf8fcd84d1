"""The people: somebody keeps accounts, one prepares, another signs, and they show a second factor."""

from config.doctor.signs import Fault, Found, Ground
from registry.access import PERMISSIONS, STRONG_ROLES
from registry.database import reading
from registry.queries.people import holders


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
    yield f"{len({one.account for one in found})} 个账户在用"
