"""Django's backend for PostgreSQL, with a cheaper look at whether a connection still lives."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether the server is silent: before it ends a connection it says so. Asking would cost each request a query.

        It may have said something else unasked. Then a new connection is made, which does no harm.
        """
        if self.connection is None or self.connection.closed:
            return False
        line = select.poll()
        line.register(self.connection, select.POLLIN)
        return not line.poll(0)
