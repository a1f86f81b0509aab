"""Ties every copied unit path to its unit, so that moving a unit moves its rows in the database."""

from django.db import migrations

from accounts.scope import composite_foreign_key

TABLES = (
    "programs_program",
    "programs_call",
    "programs_callquota",
    "programs_centrallist",
    "programs_nomination",
    "programs_base",
    "programs_participation",
)


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial")]

    operations = [migrations.RunSQL(*composite_foreign_key(table)) for table in TABLES]
