from typing import Any

from django.db import models
from django.db.backends.postgresql.schema import DatabaseSchemaEditor


class SchemaEditor(DatabaseSchemaEditor):
    """Leaves out the second index of a text that has one, which Django makes for searches by how it begins."""

    def _create_like_index_sql(self, model: type[models.Model], field: models.Field[Any, Any]) -> None:
        return None
