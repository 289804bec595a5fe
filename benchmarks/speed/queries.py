"""How often the database is asked, by its own log: the same count for every subject."""

import re
import time
from pathlib import Path

from benchmarks.speed.subjects import Size, Subject, run_sql
from clinic.postgres import Server

ASKED = re.compile(r"LOG:  (?:statement|execute \S+): (?!BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)")
FEW = Size(seconds=1, visitors=20, contacts=20, screened=4)


def per_request(subject: Subject, database: Server) -> float:
    """Statements of each request or visit. What the site asks once a second for itself is among them."""
    log = database.state / "postgres.log"
    _write_down(database, "all")
    begin = log.stat().st_size
    try:
        sample = subject.take(FEW)
    finally:
        _write_down(database, "none")
    return _asked(log, begin) / sample.done


def _write_down(database: Server, what: str) -> None:
    run_sql(database, f"ALTER SYSTEM SET log_statement = '{what}'")
    run_sql(database, "SELECT pg_reload_conf()")
    time.sleep(0.5)  # until every session has heard of it


def _asked(log: Path, begin: int) -> int:
    with open(log, "rb") as file:
        file.seek(begin)
        return len(ASKED.findall(file.read().decode("utf-8", "replace")))
