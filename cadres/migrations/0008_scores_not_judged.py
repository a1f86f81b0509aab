"""A competence that wasn't judged is an empty score: forms may leave it out."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cadres", "0007_mergers_of_records")]

    operations = [
        migrations.AlterField(
            model_name="competenceprofile",
            name="scores",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.PositiveSmallIntegerField(blank=True, null=True),
                help_text="六项，每项 0–100",
                size=6,
                verbose_name="得分",
            ),
        ),
    ]
