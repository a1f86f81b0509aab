"""Ties copied unit paths to their units, and a ballot's anonymity to that of its relation."""

from django.db import migrations

from accounts.scope import composite_foreign_key

TABLES = ("assessment_instrument", "assessment_round", "assessment_roundsubject")

# A ballot of an anonymous relation can't pretend to be a named one, nor the other way round; and a relation's
# anonymity can't be changed once there are ballots.
BALLOT = (
    'ALTER TABLE "assessment_ballot" ADD CONSTRAINT "assessment_ballot_as_its_relation" '
    'FOREIGN KEY ("relation_id", "anonymous") REFERENCES "assessment_relation" ("id", "anonymous")',
    'ALTER TABLE "assessment_ballot" DROP CONSTRAINT "assessment_ballot_as_its_relation"',
)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_rounds")]

    operations = [
        *(migrations.RunSQL(*composite_foreign_key(table)) for table in TABLES),
        migrations.RunSQL(*BALLOT),
    ]
