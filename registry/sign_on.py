"""Single sign-on with the city's identity provider (OpenID Connect): code flow with PKCE and a nonce."""

import base64
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from msgspec import Struct
from sqlmodel import Session, col, delete

from registry.accounts.sessions import digest
from registry.errors import RegistryError
from registry.tables import Handshake

LASTS = timedelta(minutes=10)
PATIENCE = httpx.Timeout(10.0, connect=5.0)
# Signed with the provider's own key: never "none", and never a key both sides hold.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]
STRONG = {"mfa", "otp", "hwk", "sc", "fpt", "face"}  # RFC 8176


class SignOn(Struct, frozen=True, kw_only=True):
    """The provider as the city has it: its issuer, what it calls us, and how people know it."""

    issuer: str
    client: str
    secret: str = ""
    name: str = "统一身份认证"


class Away(Struct, frozen=True, kw_only=True):
    """Where to send a person, and the word that must come back with them."""

    address: str
    state: str


class Subject(Struct, frozen=True, kw_only=True):
    """Who the provider says it is; `strong` when it has seen a second factor."""

    subject: str
    strong: bool
    path: str


class SignOnRefused(RegistryError):
    """The provider cannot be reached, or what it says does not hold; the password way stays."""


def leave_for(
    session: Session, provider: SignOn, start: str, back: str, path: str, now: datetime
) -> Away:
    """Begins a sign-on at the provider's address: keeps what must come back."""
    state, nonce, verifier = (token_urlsafe(32) for _ in range(3))
    session.exec(delete(Handshake).where(col(Handshake.expires_at) <= now))
    session.add(
        Handshake(
            state_hash=digest(state),
            nonce=nonce,
            verifier=verifier,
            path=path[:300],
            expires_at=now + LASTS,
        )
    )
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": provider.client,
        "redirect_uri": back,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return Away(address=f"{start}{'&' if '?' in start else '?'}{urlencode(asked)}", state=state)


def take_handshake(session: Session, state: str, now: datetime) -> Handshake | None:
    """What was kept under a state, once: whatever comes of it, it serves no second time."""
    row = session.get(Handshake, digest(state)) if state else None
    if row is None:
        return None
    session.delete(row)
    session.flush()
    return Handshake(**row.model_dump()) if row.expires_at > now else None


def subject_of(provider: SignOn, kept: Handshake, code: str, back: str, now: datetime) -> Subject:
    """Who came back with a code; raises SignOnRefused for what does not hold."""
    known = discovered(provider)
    answer = _asked(
        "POST",
        known["token_endpoint"],
        data={
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": kept.verifier,
        },
        auth=httpx.BasicAuth(provider.client, provider.secret),
    )
    claims = _claims(provider, known, str(answer.get("id_token", "")), kept.nonce, now)
    subject = f"{provider.issuer}|{claims['sub']}"
    if len(subject) > 200:
        raise SignOnRefused("统一身份认证给出的用户标识太长，不能关联账户。请改用密码登录。")
    return Subject(
        subject=subject, strong=bool(STRONG & set(claims.get("amr") or ())), path=kept.path
    )


def discovered(provider: SignOn) -> dict[str, Any]:
    """What the provider says of itself, asked anew, so that one that is down is told at once."""
    issuer = provider.issuer.rstrip("/")
    found = _asked("GET", f"{issuer}/.well-known/openid-configuration")
    missing = [
        key
        for key in ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")
        if not isinstance(found.get(key), str)
    ]
    if missing or found["issuer"].rstrip("/") != issuer:
        raise SignOnRefused("统一身份认证的设置与其公布的不一致。请改用密码登录，并告诉管理员。")
    return found


@cache
def _keys(address: str) -> list[KeySet]:
    """The provider's keys, in a list so that newer ones can take their place."""
    return [_fetched(address)]


def _fetched(address: str) -> KeySet:
    try:
        return KeySet.import_key_set(_asked("GET", address))  # type: ignore[arg-type]
    except (JoseError, KeyError, ValueError, TypeError):
        raise SignOnRefused("统一身份认证的公钥读不出来。请改用密码登录。") from None


def _claims(
    provider: SignOn, known: dict[str, Any], token: str, nonce: str, now: datetime
) -> dict[str, Any]:
    try:
        claims = _decoded(known["jwks_uri"], token)
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=60,
            iss={"essential": True, "value": known["issuer"]},
            aud={"essential": True, "value": provider.client},
            sub={"essential": True},
            exp={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)
    except (JoseError, ValueError) as wrong:
        raise SignOnRefused("统一身份认证的答复没有通过核对。请重新登录，或者改用密码。") from wrong
    if claims.get("azp", provider.client) != provider.client:
        raise SignOnRefused("统一身份认证的答复是给别的系统的。请重新登录，或者改用密码。")
    return dict(claims)


def _decoded(address: str, token: str) -> dict[str, Any]:
    """The token's claims; for a key nobody knows the keys are fetched once more."""
    held = _keys(address)
    try:
        return dict(jwt.decode(token, held[0], algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError):
        held[0] = _fetched(address)
        return dict(jwt.decode(token, held[0], algorithms=ALGORITHMS).claims)


def _asked(method: str, url: str, **more: Any) -> dict[str, Any]:
    try:
        with httpx.Client(timeout=PATIENCE, follow_redirects=False) as client:
            answer = client.request(method, url, headers={"Accept": "application/json"}, **more)
            found = answer.json()
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise SignOnRefused("现在连不上统一身份认证。请改用账户名和密码登录。") from None
    if answer.status_code != 200 or not isinstance(found, dict):
        raise SignOnRefused("统一身份认证没有接受这次登录。请重新登录，或者改用密码。")
    return found
