"""No test times anything: what a page shows at last is waited for, on a busy machine too."""

from playwright.sync_api import expect

expect.set_options(timeout=30_000)
