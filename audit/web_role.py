"""The web appends entries and reading records, and reads them."""

from audit.database_roles import READ, May

GRANTS = {
    "audit_entry": May(insert=True),
    "audit_pending": May(insert=True),
    "audit_opening": READ,
    "audit_access": May(insert=True),
}
