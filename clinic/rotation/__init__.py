"""Making everything anew with the newest key of FIELD_KEYS, while the site runs.

How far it has come is in the data: each token names its key, so that a run which was killed goes on where it ended.
Values are only ever written under a lock of their row, by the site as well, so that neither overwrites the other.
"""

import time
from collections import Counter
from collections.abc import Callable

from django.db import OperationalError

from clinic import audit, seals
from clinic.models import AuditEvent, Seal
from clinic.rotation.columns import State
from clinic.rotation.tables import States, Table, every_table

__all__ = ["State", "States", "every_table", "left", "rotate_all", "scan", "seal_anew"]

ROUNDS = 5  # a round passes over the rows that somebody else holds
PAUSE = 0.5  # seconds between two rounds

Tell = Callable[[int], None]  # is told of each batch how many rows it had


def rotate(found: list[Table], tell: Tell) -> int:
    """Encrypt anew what is not by the newest key; return how many rows. Saves, a short transaction a batch."""
    done = 0
    for table in found:
        for rows in table.batches():
            keys = [row["pk"] for row in rows if table.is_left(row)]
            done += table.renew(keys) if keys else 0
            tell(len(rows))
    return done


def rotate_all(found: list[Table], tell: Tell) -> tuple[int, States]:
    """Rotate and prove it, until nothing readable is left or ROUNDS are over; return rows and the last proof. Saves."""
    done, states = 0, States()
    for number in range(ROUNDS):
        time.sleep(PAUSE * bool(number))
        done += rotate(found, tell)
        states = scan(found, tell)
        if not left(states, State.OLD):
            break
    return done, states


def scan(found: list[Table], tell: Tell) -> States:
    """Count the values of each column by what they are."""
    states: States = Counter()
    for table in found:
        for rows in table.batches():
            for row in rows:
                states += table.states(row)
            tell(len(rows))
    return states


def left(states: States, *kinds: State) -> int:
    return sum(count for (_column, state), count in states.items() if state in kinds)


def seal_anew(done: int) -> bool:
    """Record a rotation of `done` rows, and let the newest seal carry a mark by the newest key. Saves.

    Returns whether it does now. A newest seal that no key of FIELD_KEYS made stays so, for verify_audit to tell.
    """
    newest = Seal.newest()
    if newest and not newest.is_ours:
        return False
    if done or (newest and not newest.is_by_newest_key):
        detail = f"{done} rows encrypted with the newest key"
        audit.record(AuditEvent.Action.CHANGED, by=None, kind="keys", detail=detail)
        try:
            seals.seal()
        except OperationalError:  # a writer of the record did not end in time
            return False
        newest = Seal.newest()
    return newest is None or newest.is_by_newest_key
