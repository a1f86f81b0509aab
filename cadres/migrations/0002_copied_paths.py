"""Ties every copied unit path to its unit, so that moving a unit moves its rows in the database."""

from django.db import migrations

from accounts.scope import composite_foreign_key

TABLES = ("cadres_cadre", "cadres_post", "cadres_personnelrelation", "cadres_rosterimport")


class Migration(migrations.Migration):
    dependencies = [("cadres", "0001_initial")]

    operations = [migrations.RunSQL(*composite_foreign_key(table)) for table in TABLES]
