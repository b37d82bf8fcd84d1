"""Every address behind the sign-in, all of them through the one door."""

from litestar import Router

from registry.faces.door import admit, checked, same_origin
from registry.faces.join import JOIN_ROUTES
from registry.faces.notices import NOTICE_ROUTES
from registry.faces.people import PEOPLE_ROUTES
from registry.faces.private import PRIVATE_ROUTES
from registry.faces.security import SECURITY_ROUTES
from registry.faces.session import SESSION_ROUTES
from registry.faces.sign_on import SIGN_ON_ROUTES
from registry.inspector.app import RECORD_ROUTES
from registry.inspector.campaigns import CAMPAIGN_ROUTES
from registry.inspector.changes import CHANGE_ROUTES
from registry.inspector.complaints import COMPLAINT_ROUTES
from registry.inspector.duties import DUTY_ROUTES
from registry.inspector.entry import ENTRY_ROUTES
from registry.inspector.field import FIELD_ROUTES
from registry.inspector.gate import GATE_ROUTES
from registry.inspector.ledger import LEDGER_ROUTES
from registry.inspector.opening import OPENING_ROUTES
from registry.inspector.operations import OPERATION_ROUTES
from registry.inspector.register import REGISTER_ROUTES
from registry.inspector.seen import SEEN_ROUTES
from registry.inspector.spot import SPOT_ROUTES
from registry.inspector.statements import STATEMENT_ROUTES
from registry.inspector.subscriptions import SUBSCRIPTION_ROUTES
from registry.inspector.withdrawals import WITHDRAWAL_ROUTES
from registry.portal.app import RATING_ROUTES
from registry.portal.data import DATA_ROUTES
from registry.portal.filing import FILING_ROUTES
from registry.portal.matters import MATTER_ROUTES
from registry.portal.people import PERSON_ROUTES
from registry.portal.receipts import RECEIPT_ROUTES
from registry.portal.standing import PAPER_ROUTES
from registry.portal.wizard import REPAIR_ROUTES

PORTAL_ROUTES = [
    *RATING_ROUTES,
    *MATTER_ROUTES,
    *FILING_ROUTES,
    *RECEIPT_ROUTES,
    *REPAIR_ROUTES,
    *DATA_ROUTES,
    *PAPER_ROUTES,
    *PERSON_ROUTES,
]


def signed_in_routes() -> list[Router]:
    """Signing in and out, the own account, the desk, and the portal."""
    routes = [
        *SESSION_ROUTES,
        *SIGN_ON_ROUTES,
        *SECURITY_ROUTES,
        *JOIN_ROUTES,
        *RECORD_ROUTES,
        *COMPLAINT_ROUTES,
        *ENTRY_ROUTES,
        *SEEN_ROUTES,
        *CAMPAIGN_ROUTES,
        *FIELD_ROUTES,
        *CHANGE_ROUTES,
        *DUTY_ROUTES,
        *GATE_ROUTES,
        *WITHDRAWAL_ROUTES,
        *LEDGER_ROUTES,
        *REGISTER_ROUTES,
        *OPENING_ROUTES,
        *SPOT_ROUTES,
        *SUBSCRIPTION_ROUTES,
        *OPERATION_ROUTES,
        *STATEMENT_ROUTES,
        *NOTICE_ROUTES,
        *PRIVATE_ROUTES,
        *PEOPLE_ROUTES,
        *PORTAL_ROUTES,
    ]
    return [Router("/", route_handlers=checked(routes), guards=[same_origin, admit])]
