"""Ties copied unit paths to their units and a ballot's anonymity to its relation's; freezes what must not change."""

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

# An anonymous ballot is never changed: closing writes all of a round's ballots anew, and that is no UPDATE.
SEALED = (
    """
    CREATE FUNCTION assessment_ballot_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'an anonymous ballot is sealed' USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER assessment_ballot_sealed BEFORE UPDATE ON assessment_ballot
        FOR EACH ROW WHEN (OLD.anonymous) EXECUTE FUNCTION assessment_ballot_sealed();
    """,
    "DROP TRIGGER assessment_ballot_sealed ON assessment_ballot; DROP FUNCTION assessment_ballot_sealed();",
)

# A version of an instrument is frozen once it left the draft: positions in ballots' answers hang on its leaves.
FROZEN = (
    """
    CREATE FUNCTION assessment_instrument_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status <> 'draft' AND (OLD.name, OLD.edition, OLD.instructions, OLD.basis)
            IS DISTINCT FROM (NEW.name, NEW.edition, NEW.instructions, NEW.basis) THEN
            RAISE EXCEPTION 'a published instrument is frozen' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER assessment_instrument_frozen BEFORE UPDATE ON assessment_instrument
        FOR EACH ROW EXECUTE FUNCTION assessment_instrument_frozen();

    CREATE FUNCTION assessment_indicator_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        instruments bigint[];
    BEGIN
        IF TG_OP <> 'INSERT' THEN instruments := instruments || OLD.instrument_id; END IF;
        IF TG_OP <> 'DELETE' THEN instruments := instruments || NEW.instrument_id; END IF;
        IF EXISTS (SELECT FROM assessment_instrument WHERE id = ANY (instruments) AND status <> 'draft') THEN
            RAISE EXCEPTION 'a published instrument is frozen' USING ERRCODE = 'restrict_violation';
        END IF;
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER assessment_indicator_frozen BEFORE INSERT OR UPDATE OR DELETE ON assessment_indicator
        FOR EACH ROW EXECUTE FUNCTION assessment_indicator_frozen();
    """,
    """
    DROP TRIGGER assessment_indicator_frozen ON assessment_indicator;
    DROP FUNCTION assessment_indicator_frozen();
    DROP TRIGGER assessment_instrument_frozen ON assessment_instrument;
    DROP FUNCTION assessment_instrument_frozen();
    """,
)


class Migration(migrations.Migration):
    dependencies = [("assessment", "0001_rounds")]

    operations = [
        *(migrations.RunSQL(*composite_foreign_key(table)) for table in TABLES),
        migrations.RunSQL(*BALLOT),
        migrations.RunSQL(*SEALED),
        migrations.RunSQL(*FROZEN),
    ]
