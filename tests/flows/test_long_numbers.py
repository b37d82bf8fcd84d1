"""A number longer than any row's is not found, wherever it stands: in an address, a field, or a phone's record."""

import pytest

from tests.flows.small_city import Town, city

__all__ = ["city"]
LONG, ENDLESS = "9" * 25, "9" * 5_000
# Who asks for which address, where {} is the number.
ADDRESSES = {
    "/desk/ledger/{}/": "city.auditor",
    "/desk/withdrawals/{}/": "city.publisher",
    "/desk/withdrawals/{}/progress.json": "city.publisher",
    "/desk/files/{}/": "city.inspector",
    "/my/receipts/{}/": "institution",
    "/my/receipts/{}/receipt.pdf": "institution",
    "/my/data/contact/?row={}": "institution",
}
# Who posts it in which field, and how that is answered: the way to repair begins again.
FIELDS = {
    ("/me/act-as", "grant"): ("institution", 404),
    ("/my/repair/", "step"): ("institution", 422),
}


@pytest.mark.parametrize("number", [LONG, ENDLESS], ids=["long", "endless"])
@pytest.mark.parametrize("path", ADDRESSES)
def test_an_address_of_a_number_that_no_row_has_is_not_found(
    city: Town, path: str, number: str
) -> None:
    assert city.browser(ADDRESSES[path]).get(path.format(number)).status_code == 404


@pytest.mark.parametrize("number", [LONG, ENDLESS], ids=["long", "endless"])
@pytest.mark.parametrize(("path", "field"), FIELDS)
def test_a_field_with_a_number_that_no_row_has_is_refused(
    city: Town, path: str, field: str, number: str
) -> None:
    who, status = FIELDS[path, field]
    assert city.browser(who).post(path, data={field: number}).status_code == status


def test_a_grant_of_a_number_that_nobody_has_cannot_be_ended(city: Town) -> None:
    path = f"/desk/accounts/a/institution/grants/{LONG}/end"
    assert city.browser("city.administrator").post(path).status_code == 404


@pytest.mark.parametrize("deep", ["[" * 100_000, '{"account":"x","values":' + '{"a":' * 20_000])
def test_a_phones_record_without_end_is_refused(city: Town, deep: str) -> None:
    answer = city.browser("city.inspector").put(
        "/desk/field/visits/deep", content=deep, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400
