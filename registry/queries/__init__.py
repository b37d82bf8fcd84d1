"""Reads of the register: rows in, frozen values out; no row leaves."""

from registry.queries.consistency import Confirmed, Fieldwork, fieldwork
from registry.queries.desk import (
    CoverLine,
    InspectionLine,
    InstitutionLine,
    JurisdictionLine,
    covers,
    findings_of,
    inspections,
    institutions,
    jurisdictions,
)
from registry.queries.duties import Lapse, lapses
from registry.queries.duty_sheet import DutySheet, duty_sheet
from registry.queries.files import credit_file, credit_files, facts_of
from registry.queries.ledger import LedgerFilter, LedgerLine, ledger_entries, ledger_entry
from registry.queries.lineage import LineageLine, lineage_of
from registry.queries.matters import (
    AlertLine,
    MatterLine,
    MatterSheet,
    StepLine,
    alerts_in_force,
    matter,
    matters,
)
from registry.queries.notices import DeadLetter, NoticeLine, dead_letters, notices, unread
from registry.queries.proof import (
    EditionLine,
    ReadingLine,
    WithdrawalLine,
    editions,
    readings,
    taken_in,
    withdrawals,
)
from registry.queries.terms import first_repair_day
from registry.queries.touched import profiled, registered, touched

__all__ = [
    "AlertLine",
    "Confirmed",
    "CoverLine",
    "DeadLetter",
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
    "NoticeLine",
    "ReadingLine",
    "StepLine",
    "WithdrawalLine",
    "alerts_in_force",
    "covers",
    "credit_file",
    "credit_files",
    "dead_letters",
    "duty_sheet",
    "editions",
    "facts_of",
    "fieldwork",
    "findings_of",
    "first_repair_day",
    "inspections",
    "institutions",
    "jurisdictions",
    "lapses",
    "ledger_entries",
    "ledger_entry",
    "lineage_of",
    "matter",
    "matters",
    "notices",
    "profiled",
    "readings",
    "registered",
    "taken_in",
    "touched",
    "unread",
    "withdrawals",
]
