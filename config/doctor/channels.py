"""What is reached over the network: mail, the message platform, the single sign-on."""

import smtplib
import ssl

import httpx

from config.doctor.signs import Fault, Found, Ground

SECONDS = 5


def mail(ground: Ground) -> Found:
    """The mail server answers, and encrypts where the city asks for it."""
    said = ground.settings.city.mail
    if said is None:
        yield "没有设置，提醒只在网页上看"
        return
    where = f"{said.host}:{said.port}"
    try:
        with said.reached(SECONDS) as session:
            session.noop()
    except ssl.SSLCertVerificationError as wrong:
        remedy = (
            "请核对 [mail] 的 host 与证书上的名称一致；证书由本单位自己签发的，"
            "把签发它的 CA 证书放进 /usr/local/share/ca-certificates/ 再执行 update-ca-certificates"
        )
        yield Fault(
            "mail.certificate",
            f"邮件服务器 {where} 的证书不可信（{wrong.verify_message}）。{remedy}。",
        )
        return
    except smtplib.SMTPNotSupportedError:
        yield Fault(
            "mail.open", f"邮件服务器 {where} 不支持加密。请换一个端口，或者写 starttls = false。"
        )
        return
    except (OSError, smtplib.SMTPException) as wrong:
        remedy = "请检查 city.toml 的 [mail]（465 端口要写 tls = true）、网络和防火墙"
        yield Fault("mail.away", f"连不上邮件服务器 {where}（{wrong}）。{remedy}。")
        return
    yield f"{where} 有应答"


def webhook(ground: Ground) -> Found:
    """The platform answers at all; nothing is sent."""
    said = ground.settings.city.webhook
    if said is None:
        yield "没有设置"
        return
    try:
        httpx.head(said.url, timeout=SECONDS)
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        remedy = "请检查 city.toml 的 [webhook]、网络和防火墙"
        yield Fault("webhook.away", f"连不上消息平台 {said.url}（{wrong}）。{remedy}。")
        return
    yield f"{said.url} 有应答"


def sign_on(ground: Ground) -> Found:
    """The identity provider tells its addresses."""
    said = ground.settings.sign_on
    if said is None:
        yield "没有设置，用密码登录"
        return
    address = f"{said.issuer.rstrip('/')}/.well-known/openid-configuration"
    try:
        httpx.get(address, timeout=SECONDS).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as wrong:
        remedy = "请检查 city.toml 的 [sign_on]，并联系统一身份认证的运维"
        yield Fault("sign_on.away", f"{said.name} {address} 没有应答（{wrong}）。{remedy}。")
        return
    yield f"{said.issuer} 有应答"
