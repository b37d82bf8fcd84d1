"""How a contact is written: telephone numbers of China's numbering, addresses of mail and of the web.

What is public passes `public_contact`; nothing else of a contact leaves the register. A mobile number is a
person's and never public (个人信息保护法 第二十五条).
"""

import re
import unicodedata
from urllib.parse import urlsplit

TELEPHONES = ("consult", "complaint", "phone")
OF_THE_PUBLIC = ("consult", "complaint")
_JOINS = re.compile(r"[-\s.·‐‑–—_]+")
# The area code is 010, of two digits after 2, or of three; a subscriber never begins with 0 or 1.
_LANDLINE = re.compile(
    r"(?:\+?86|0086)?(?:\(?(010|02\d)\)?([2-9]\d{7})|\(?(0[3-9]\d{2})\)?([2-9]\d{6,7}))"
    r"(?:(?:转|分机|ext|EXT|x|X|#)(\d{1,6}))?"
)
_NO_AREA = re.compile(r"[2-9]\d{6,7}")
_SHARED = re.compile(r"[48]00\d{7}")
_SHORT = re.compile(r"9[56]\d{3,4}|1[02]\d{3}")
_MOBILE = re.compile(r"(?:\+?86|0086)?1[3-9]\d{9}")
_MAIL = re.compile(
    r"[0-9A-Za-z.!#$%&'*+/=?^_{|}~-]{1,64}@(?:[0-9A-Za-z](?:[0-9A-Za-z-]{0,61}[0-9A-Za-z])?\.)+[A-Za-z]{2,}"
)
_NUMBER = re.compile(r"(?:\d[-\s]?){7,}")


def written_contact(kind: str, text: str, *, public: bool) -> str:
    """The contact as it is kept, a telephone always written the same way.

    Raises ValueError with what to do where it is none of its kind, or may not be public.
    """
    if kind in TELEPHONES:
        return telephone(text, public=public)
    if kind == "email":
        return _mail(text)
    if kind == "website":
        return web_address(text)
    if public and kind == "wechat" and _NUMBER.search(unicodedata.normalize("NFKC", text)):
        raise ValueError("请写公众号的名称，不要写电话号码或者个人微信号")
    if public and not text.isprintable():
        raise ValueError("含有看不见的字符或者换行，请删去后重新输入")
    return text


def public_contact(kind: str, text: str) -> str:
    """The contact as it may be printed; empty where it may not."""
    try:
        return written_contact(kind, text, public=True)
    except ValueError:
        return ""


def telephone(text: str, *, public: bool) -> str:
    """`（0574） 8765 4321 转 801` → `0574-87654321转801`; raises ValueError."""
    plain = _JOINS.sub("", unicodedata.normalize("NFKC", text))
    if found := _LANDLINE.fullmatch(plain):
        area, own = found[1] or found[3], found[2] or found[4]
        return f"{area}-{own}" + (f"转{found[5]}" if found[5] else "")
    if _SHARED.fullmatch(plain):
        return f"{plain[:3]}-{plain[3:6]}-{plain[6:]}"
    if _SHORT.fullmatch(plain):
        return plain
    if _MOBILE.fullmatch(plain):
        if public:
            raise ValueError(
                "手机号属于个人信息，不能对外公开。请填写固定电话或者 400 电话；只供本局联系的，种类选“电话”，不勾选“对外公开”"
            )
        return plain[-11:]
    if _NO_AREA.fullmatch(plain):
        raise ValueError("请写上区号，如 0574-87654321")
    raise ValueError("请写一个电话号码，如 0574-87654321、0574-87654321转801 或者 400-800-1234")


def web_address(text: str) -> str:
    """The address where it is one of http or https, of a named host and of nobody; raises ValueError."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:
        raise ValueError("请写完整的网址，如 https://www.example.cn/") from None
    if parts.scheme not in ("http", "https") or "." not in host.strip("."):
        raise ValueError(
            "请写完整的网址，以 http:// 或者 https:// 开头，如 https://www.example.cn/"
        )
    if "@" in parts.netloc:
        raise ValueError("网址里不要写账号和密码，请删去“@”和它前面的内容")
    if not text.isprintable() or set(text) & set(" \\\"'<>`{}|^"):
        raise ValueError("网址里有空格、引号或者看不见的字符，请删去后重新输入")
    return text


def _mail(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text)
    if not _MAIL.fullmatch(plain):
        raise ValueError("请写一个电子邮箱，如 office@example.cn")
    return plain
