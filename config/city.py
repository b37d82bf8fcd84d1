"""What stands in `city.toml`, field by field."""

from datetime import date

import msgspec
from msgspec import Struct

from publisher.gate import Bounds
from registry.mail_server import MailServer


class Publication(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a month's list is released: on which working day, at which hour.

    `ahead` is how many working days before its last day a supplementary edition is put before the second
    person, `minutes` how long a release may take before it is stopped.
    """

    working_day: int = 5
    hour: int = 9
    ahead: int = 3
    minutes: int = 120


class CityJurisdiction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A district or functional zone of the city, as a dated record with a parent.

    `tile` is its square in the figure of districts: column and row, from the upper left.
    """

    id: str
    name: str
    organ: str = ""
    parent: str = ""
    since: date = date(2000, 1, 1)
    until: date | None = None
    tile: tuple[int, int] | None = None


class GateBounds(Bounds, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds beyond which a machine doubts an edition and a named person must decide."""

    max_change_percent: int = 5
    max_place_loss_percent: int = 5
    max_new_black: int = 50


class DrawWeights(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much more often an institution of a grade is drawn for a visit; a grade not named weighs `other`."""

    grades: dict[str, int] = {}
    other: int = 1

    def of(self, grade: str) -> int:
        """The weight of a grade."""
        return self.grades.get(grade, self.other)


class SearchWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that tell no institution from another.

    `affixes` are words of place that parents leave out when they search, such as 宁波市 or 海曙区;
    `endings` are those that many names end in, such as 培训学校, not looked at in the search for duplicates.
    """

    affixes: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()


class MessagePlatform(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where notices are posted; the secret that signs them stands in the environment."""

    url: str


class SingleSignOn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The city's identity provider (OpenID Connect): its issuer, our name there, and what people call it."""

    issuer: str
    client: str
    name: str = "统一身份认证"


class CreditPlatform(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the credit platform asks for besides: the code (统一社会信用代码) of each organ, by its name."""

    codes: dict[str, str] = {}


class Backup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a backup is put every day, for whose key it is encrypted, and of how many days it is kept."""

    folder: str
    key: str = ""
    keep: int = 7


class EditionStore(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The S3-compatible store that public nodes have their copy of the editions from.

    `url` is `s3://bucket/folder`; the keys stand in the environment.
    """

    url: str
    endpoint: str
    region: str = "us-east-1"


class City(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What stands in `city.toml`."""

    id: str
    prefix: str
    name: str
    organ: str
    contact: str = ""
    site: str = ""
    time_stamps: str = ""
    security: str = ""
    timezone: str = "Asia/Shanghai"
    fictional: bool = False
    title: str = ""
    db_schema: str = msgspec.field(name="schema", default="")
    publication: Publication = Publication()
    jurisdictions: tuple[CityJurisdiction, ...] = ()
    gate: GateBounds = GateBounds()
    search: SearchWords = SearchWords()
    draw: DrawWeights = DrawWeights()
    mail: MailServer | None = None
    webhook: MessagePlatform | None = None
    sign_on: SingleSignOn | None = None
    credit_platform: CreditPlatform = CreditPlatform()
    backup: Backup | None = None
    store: EditionStore | None = None
