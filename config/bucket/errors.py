"""What can be wrong with a store of editions; every sentence names the remedy."""

from pathlib import Path

KEYS = ("XINYONG_STORE_KEY", "XINYONG_STORE_SECRET")


class BucketError(Exception):
    """The store did not do what was asked of it."""


class NoBucket(BucketError):
    """The city keeps its editions in no store."""

    def __init__(self, city: str) -> None:
        super().__init__(
            f"{city}的 city.toml 没有写 [store]，不知道版次存在哪里。"
            '请写 [store] 的 url（如 "s3://桶名/ningbo"）和 endpoint。'
        )


class BucketAway(BucketError):
    """The store cannot be reached or fails; what was begun is taken up again."""

    def __init__(self, where: str, said: str) -> None:
        super().__init__(
            f"对象存储 {where} 连不上或者出错（{said}）。请检查 [store] 的 endpoint、"
            "网络和存储服务；已经传的不会重传，下次接着办。"
        )


class BucketClosed(BucketError):
    """The store does not let us in, or not do this."""

    def __init__(self, where: str, said: str) -> None:
        super().__init__(
            f"对象存储 {where} 不允许这样做（{said}）。请检查环境变量 {' 和 '.join(KEYS)}，"
            "以及这个账户对桶的权限：发布的一方要能列出、读、写、删，公众节点只要能读。"
        )


class NotThere(BucketError):
    """The store has no such object, or no such bucket."""

    def __init__(self, where: str, name: str) -> None:
        super().__init__(
            f"对象存储 {where} 里没有 {name}。请检查 [store] 的 url 是否写对、桶是否建好，"
            "并在发布的一方执行 xinyong editions push。"
        )


class OwnEditions(BucketError):
    """A copy may not be brought over what the office itself releases."""

    def __init__(self, editions: Path) -> None:
        super().__init__(
            f"{editions} 是发布单位自己的版次文件夹，旁边就是签名的密钥，不能当作副本。"
            "请取到另一个文件夹，如 /srv/editions。"
        )
