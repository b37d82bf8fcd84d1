"""Who: institutions with their dated profiles, names, places, registrations and licences."""

from datetime import date

from sqlmodel import Field

from registry.forms import (
    ContactForm,
    JurisdictionForm,
    LicenceForm,
    NameForm,
    PremisesForm,
    ProfileForm,
    RegistrationForm,
    StaffForm,
)
from registry.tables.base import Recorded


class Institution(Recorded, table=True):
    """Nothing of an institution that could ever change."""

    id: str = Field(primary_key=True, max_length=20)
    serial: int = Field(unique=True)
    opened_on: date | None = None


class Jurisdiction(JurisdictionForm, Recorded, table=True):
    """A district or functional zone, dated; superseded ones stay."""

    key: int | None = Field(default=None, primary_key=True)
    replaces: int | None = Field(default=None, foreign_key="jurisdiction.key")
    id: str = Field(max_length=20, index=True)


class Profile(ProfileForm, Recorded, table=True):
    """What an institution is from `since` until the next row's `since`."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    jurisdiction: str = Field(max_length=20, index=True)
    replaces: int | None = Field(default=None, foreign_key="profile.id")


class Name(NameForm, Recorded, table=True):
    """A name; the current legal one is the institution's name."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    text: str = Field(max_length=200, index=True)
    replaces: int | None = Field(default=None, foreign_key="name.id")


class Premises(PremisesForm, Recorded, table=True):
    """A place of teaching."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="premises.id")


class Registration(RegistrationForm, Recorded, table=True):
    """A registration; `confirmed` where a person saw a code with a wrong check digit on the original."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    code: str = Field(default="", max_length=18, index=True)
    confirmed: bool = False
    replaces: int | None = Field(default=None, foreign_key="registration.id")


class Licence(LicenceForm, Recorded, table=True):
    """A school licence."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="licence.id")


class Lineage(Recorded, table=True):
    """Which institution follows which."""

    id: int | None = Field(default=None, primary_key=True)
    predecessor: str = Field(foreign_key="institution.id", index=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    how: str = Field(default="", max_length=60)
    on: date | None = None


class Contact(ContactForm, Recorded, table=True):
    """A way to reach an institution; only a public one leaves the register."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="contact.id")


class Staff(StaffForm, Recorded, table=True):
    """A member of staff whom the institution must display."""

    id: int | None = Field(default=None, primary_key=True)
    institution: str = Field(foreign_key="institution.id", index=True)
    replaces: int | None = Field(default=None, foreign_key="staff.id")
