"""New columns of tables that have millions of rows."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import AddField


class AddColumn(AddField):
    """AddField for a field with a constant `db_default`: no row is written, however many there are.

    On SQLite, Django would copy the whole table and rebuild each index.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        to_model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, to_model):
            return
        from_model = from_state.apps.get_model(app_label, self.model_name)
        field = to_model._meta.get_field(self.name)
        BaseDatabaseSchemaEditor.add_field(schema_editor, from_model, field)
