"""Reads of the register: rows in, frozen values out; no row leaves."""

from registry.queries.consistency import Confirmed, Fieldwork, fieldwork
from registry.queries.desk import (
    CoverLine,
    InspectionLine,
    InstitutionLine,
    JurisdictionLine,
    MatterLine,
    MatterSheet,
    StepLine,
    covers,
    findings_of,
    inspections,
    institutions,
    jurisdictions,
    matter,
    matters,
)
from registry.queries.duties import Lapse, lapses
from registry.queries.duty_sheet import DutySheet, duty_sheet
from registry.queries.files import credit_file, credit_files, facts_of
from registry.queries.ledger import LedgerFilter, LedgerLine, ledger_entries, ledger_entry
from registry.queries.lineage import LineageLine, lineage_of
from registry.queries.people import (
    AccountLine,
    SignInLine,
    account_line,
    account_lines,
    sign_ins,
)
from registry.queries.private import PrivateLine, private_of
from registry.queries.proof import (
    EditionLine,
    ReadingLine,
    WithdrawalLine,
    editions,
    readings,
    taken_in,
    withdrawals,
)
from registry.queries.touched import profiled, registered, touched

__all__ = [
    "AccountLine",
    "Confirmed",
    "CoverLine",
    "DutySheet",
    "EditionLine",
    "Fieldwork",
    "InspectionLine",
    "InstitutionLine",
    "JurisdictionLine",
    "Lapse",
    "LedgerFilter",
    "LedgerLine",
    "LineageLine",
    "MatterLine",
    "MatterSheet",
    "PrivateLine",
    "ReadingLine",
    "SignInLine",
    "StepLine",
    "WithdrawalLine",
    "account_line",
    "account_lines",
    "covers",
    "credit_file",
    "credit_files",
    "duty_sheet",
    "editions",
    "facts_of",
    "fieldwork",
    "findings_of",
    "inspections",
    "institutions",
    "jurisdictions",
    "lapses",
    "ledger_entries",
    "ledger_entry",
    "lineage_of",
    "matter",
    "matters",
    "private_of",
    "profiled",
    "readings",
    "registered",
    "sign_ins",
    "taken_in",
    "touched",
    "withdrawals",
]
