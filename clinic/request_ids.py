"""A name for each request: it is in the answer and in the log lines, so that one leads to the other."""

import os
import secrets

DIGITS = 32
AT_ONCE = 256

_stock: list[str] = []
os.register_at_fork(after_in_child=_stock.clear)


def new_request_id() -> str:
    """32 hexadecimal digits. Many are made at once: a thread that asks the kernel for chance gives up Python's lock."""
    try:
        return _stock.pop()
    except IndexError:
        digits = secrets.token_hex(DIGITS // 2 * AT_ONCE)
        made = [digits[at : at + DIGITS] for at in range(0, len(digits), DIGITS)]
        mine = made.pop()
        _stock.extend(made)
        return mine
