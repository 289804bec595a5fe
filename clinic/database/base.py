"""Django's backend for PostgreSQL, with a cheaper look at whether a connection still lives, and fewer indexes."""

import select

from django.db.backends.postgresql import base
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from clinic.database.schema import SchemaEditor


class DatabaseWrapper(base.DatabaseWrapper):
    SchemaEditorClass = SchemaEditor

    def is_usable(self) -> bool:
        """Whether the server is silent: before it ends a connection it says so. Asking would cost each request a query.

        It may have said something else unasked. Then a new connection is made, which does no harm.
        """
        line = self.connection
        if line is None or line.closed or line.get_transaction_status() == TRANSACTION_STATUS_INERROR:
            return False
        heard = select.poll()
        heard.register(line, select.POLLIN)
        return not heard.poll(0)
