"""A natural person as they are told in public: 姓某 (个人信息保护法 第二十五条)."""

# The surnames of two signs that are met most; any other is one sign.
DOUBLE = ("欧阳", "上官", "司马", "诸葛", "司徒", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "长孙")
LONGEST = 4


def is_natural(legal_form: str) -> bool:
    """Whether the register says of somebody that they are a natural person, and no body and no trader."""
    return "自然人" in legal_form or legal_form == "个人"


def masked(name: str) -> str:
    """A natural person's name as it is published: 姓某."""
    surname = next((one for one in DOUBLE if name.startswith(one)), name[:1])
    return f"{surname}某" if surname else ""


def public_name(name: str, legal_form: str) -> str:
    """A name as an edition prints it; what a natural person's place is called by is no person's name."""
    is_persons = is_natural(legal_form) and (len(name) <= LONGEST or "·" in name)
    return masked(name) if is_persons else name
