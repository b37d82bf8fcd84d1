"""Every address behind the sign-in."""

from litestar.handlers import HTTPRouteHandler

from registry.faces.notices import NOTICE_ROUTES
from registry.faces.session import session_routes
from registry.inspector.app import RECORD_ROUTES
from registry.inspector.campaigns import CAMPAIGN_ROUTES
from registry.inspector.changes import CHANGE_ROUTES
from registry.inspector.duties import DUTY_ROUTES
from registry.inspector.entry import ENTRY_ROUTES
from registry.inspector.field import FIELD_ROUTES
from registry.inspector.ledger import LEDGER_ROUTES
from registry.inspector.opening import OPENING_ROUTES
from registry.inspector.register import REGISTER_ROUTES
from registry.inspector.seen import SEEN_ROUTES
from registry.portal.app import RATING_ROUTES
from registry.portal.data import DATA_ROUTES
from registry.portal.filing import FILING_ROUTES
from registry.portal.matters import MATTER_ROUTES
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
]


def signed_in_routes() -> list[HTTPRouteHandler]:
    """Signing in and out, the desk, and the portal."""
    return [
        *session_routes(),
        *RECORD_ROUTES,
        *ENTRY_ROUTES,
        *SEEN_ROUTES,
        *CAMPAIGN_ROUTES,
        *FIELD_ROUTES,
        *CHANGE_ROUTES,
        *DUTY_ROUTES,
        *LEDGER_ROUTES,
        *REGISTER_ROUTES,
        *PORTAL_ROUTES,
        *OPENING_ROUTES,
        *NOTICE_ROUTES,
    ]
