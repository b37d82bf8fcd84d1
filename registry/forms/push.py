"""What is typed of a subscription: where to call, whom to ask, and which changes it is for."""

from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import model_validator
from sqlmodel import Field

from registry.forms.fields import Form, Text

ScopeName = Literal["city", "jurisdiction", "institution", "search"]


class SubscriptionForm(Form):
    """An address to call, a person to ask, and a scope; `what` is its district, institution or words."""

    url: Text = Field(title="接收地址", min_length=10, max_length=500)
    contact: Text = Field(title="联系人和联系方式", min_length=2, max_length=200)
    scope: ScopeName = Field(title="范围")
    what: Text = Field(default="", title="哪个区县、哪家机构或者查什么词", max_length=200)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        try:
            parts = urlsplit(self.url)
            port = parts.port
        except ValueError:
            raise ValueError(
                f"接收地址“{self.url}”写法不对，请写 https:// 开头的完整地址"
            ) from None
        plain = parts.username is None and parts.password is None and not parts.fragment
        if parts.scheme not in ("https", "http") or not parts.hostname or port == 0 or not plain:
            raise ValueError(
                f"接收地址“{self.url}”不能用，请写 https:// 开头的完整地址，不带用户名、密码和 #"
            )
        if not self.url.isascii() or any(one.isspace() for one in self.url):
            raise ValueError(f"接收地址“{self.url}”含有空白或者中文，请写编码以后的地址")
        if self.scope == "city" and self.what:
            raise ValueError("范围是全市，就不要再写区县、机构或者词")
        if self.scope != "city" and not self.what:
            raise ValueError("请写明是哪个区县、哪家机构或者查什么词")
        return self
