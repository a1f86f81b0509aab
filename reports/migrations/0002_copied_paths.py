"""Ties the reports' copied unit path to its unit."""

from django.db import migrations

from accounts.scope import composite_foreign_key


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [migrations.RunSQL(*composite_foreign_key("reports_annualreport"))]
