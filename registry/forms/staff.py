"""What is displayed of a member of staff (从业人员公示), and how much of a certificate's number.

No resident number, no photograph: no more than the display needs (个人信息保护法 第六条).
"""

import re
import unicodedata

_CERTIFICATE = re.compile(r"(?:19|20)\d{13}(?:\d{2})?")
_RUN = re.compile(r"\d{7,}[\dXx]?")


def certificate_number(text: str) -> str:
    """A teacher certificate's number (教师资格证号) of 17 digits, of old ones 15; raises ValueError.

    It begins with the year, which no resident number does: one typed here by mistake is refused.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split()).replace("-", "")
    if plain and not _CERTIFICATE.fullmatch(plain):
        raise ValueError(
            "教师资格证号是 17 位数字（早年的 15 位），以发证年份开头，请照证书填写；不要填身份证号"
        )
    return plain


def without_numbers(text: str) -> str:
    """The text where no number of a paper or of a person stands in it; raises ValueError."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    if _RUN.search(plain):
        raise ValueError("这里不要写号码。教师资格证号写在“教师资格证号”一栏，证件号码和电话不要填")
    return text


def masked_number(text: str) -> str:
    """Every long number of a text with its year and its last four digits left, to compare with the paper."""
    return _RUN.sub(_masked, unicodedata.normalize("NFKC", text)) if _RUN.search(text) else text


def _masked(found: re.Match[str]) -> str:
    said = found[0]
    # What is no certificate's number may be a resident number: of it nothing is left.
    if not _CERTIFICATE.fullmatch(said):
        return "*" * len(said)
    return said[:4] + "*" * (len(said) - 8) + said[-4:]
