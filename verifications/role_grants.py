"""The console asks for a verification and shows what it said; the worker does it. Nobody deletes one."""

from audit.database_roles import CLOSED, May

CONSOLE = {"verifications_verification": May(insert=True, update=("job",))}
WORKER = {"verifications_verification": May(update=("part", "done", "total", "ended_at", "verdict", "size", "report"))}
WEB = {"verifications_verification": CLOSED}
READER = {"verifications_verification": CLOSED}
