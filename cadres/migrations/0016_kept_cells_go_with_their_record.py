"""Kept cells stand beside the row of a history by a real reference: they go when it goes, and with it."""

import django.db.models.deletion
from django.db import migrations, models

_TABLES = {
    "appointment": "cadres_appointment", "rank": "cadres_rank", "title": "cadres_professionaltitle",
    "education": "cadres_education", "honour": "cadres_honour", "oversight": "cadres_oversight",
}  # fmt: skip
# What stood beside a row that is gone goes too. Pending checks would hold up the statements that follow.
_REFER = [
    *(
        f"UPDATE cadres_keptcells k SET {slug}_id = r.id FROM {table} r WHERE k.slug = '{slug}' AND r.id = k.record"
        for slug, table in _TABLES.items()
    ),
    f"DELETE FROM cadres_keptcells WHERE record <> 0 AND coalesce({', '.join(f'{one}_id' for one in _TABLES)}) IS NULL",
    "SET CONSTRAINTS ALL IMMEDIATE",
    "SET CONSTRAINTS ALL DEFERRED",
]
_NUMBER = [
    f"UPDATE cadres_keptcells SET record = coalesce({', '.join(f'{one}_id' for one in _TABLES)}, 0)",
]


def _beside(to: str, words: str) -> models.OneToOneField:
    return models.OneToOneField(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.CASCADE,
        related_name="+",
        to=to,
        verbose_name=words,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_grant_follows_account_class"),
        ("cadres", "0015_seconded_appointments_by_person"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="keptcells", name="kept_cells_once"),
        migrations.RemoveConstraint(model_name="keptcells", name="kept_cells_of_one"),
        migrations.AddField("keptcells", "appointment", _beside("cadres.appointment", "任职")),
        migrations.AddField("keptcells", "rank", _beside("cadres.rank", "职级")),
        migrations.AddField("keptcells", "title", _beside("cadres.professionaltitle", "职称")),
        migrations.AddField("keptcells", "education", _beside("cadres.education", "学历学位")),
        migrations.AddField("keptcells", "honour", _beside("cadres.honour", "荣誉表彰")),
        migrations.AddField("keptcells", "oversight", _beside("cadres.oversight", "管理监督")),
        migrations.RunSQL(_REFER, _NUMBER),
        migrations.RemoveField(model_name="keptcells", name="record"),
        migrations.AddConstraint(
            model_name="keptcells",
            constraint=models.UniqueConstraint(
                condition=models.Q(("slug__in", ("person", "supplement"))),
                fields=("cadre", "slug"),
                name="kept_cells_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="keptcells",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("cadre", None),
                        ("slug", "unit"),
                        ("unit__isnull", False),
                        ("appointment", None),
                        ("education", None),
                        ("honour", None),
                        ("oversight", None),
                        ("rank", None),
                        ("title", None),
                    ),
                    models.Q(
                        ("cadre__isnull", False),
                        ("slug__in", ("person", "supplement")),
                        ("unit", None),
                        ("appointment", None),
                        ("education", None),
                        ("honour", None),
                        ("oversight", None),
                        ("rank", None),
                        ("title", None),
                    ),
                    models.Q(
                        ("appointment__isnull", False),
                        ("cadre__isnull", False),
                        ("education", None),
                        ("honour", None),
                        ("oversight", None),
                        ("rank", None),
                        ("slug", "appointment"),
                        ("title", None),
                        ("unit", None),
                    ),
                    models.Q(
                        ("appointment", None),
                        ("cadre__isnull", False),
                        ("education", None),
                        ("honour", None),
                        ("oversight", None),
                        ("rank__isnull", False),
                        ("slug", "rank"),
                        ("title", None),
                        ("unit", None),
                    ),
                    models.Q(
                        ("appointment", None),
                        ("cadre__isnull", False),
                        ("education", None),
                        ("honour", None),
                        ("oversight", None),
                        ("rank", None),
                        ("slug", "title"),
                        ("title__isnull", False),
                        ("unit", None),
                    ),
                    models.Q(
                        ("appointment", None),
                        ("cadre__isnull", False),
                        ("education__isnull", False),
                        ("honour", None),
                        ("oversight", None),
                        ("rank", None),
                        ("slug", "education"),
                        ("title", None),
                        ("unit", None),
                    ),
                    models.Q(
                        ("appointment", None),
                        ("cadre__isnull", False),
                        ("education", None),
                        ("honour__isnull", False),
                        ("oversight", None),
                        ("rank", None),
                        ("slug", "honour"),
                        ("title", None),
                        ("unit", None),
                    ),
                    models.Q(
                        ("appointment", None),
                        ("cadre__isnull", False),
                        ("education", None),
                        ("honour", None),
                        ("oversight__isnull", False),
                        ("rank", None),
                        ("slug", "oversight"),
                        ("title", None),
                        ("unit", None),
                    ),
                    _connector="OR",
                ),
                name="kept_cells_beside_one",
            ),
        ),
    ]
