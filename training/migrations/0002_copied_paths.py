"""Ties every copied unit path to its unit, so that moving a unit moves its rows in the database."""

from django.db import migrations

from accounts.scope import composite_foreign_key

TABLES = ("training_trainingclass", "training_enrolment")


class Migration(migrations.Migration):
    dependencies = [("training", "0001_classes")]

    operations = [migrations.RunSQL(*composite_foreign_key(table)) for table in TABLES]
