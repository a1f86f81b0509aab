"""Changes of whole units become rows, told on both units' pages; a post may say since when it is there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.scope import composite_foreign_key


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_grant_follows_account_class"),
        ("cadres", "0011_reviews_mentors_published_profiles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="post",
            name="opened_on",
            field=models.DateField(
                blank=True, help_text="不填表示一直都有", null=True, verbose_name="设立日期"
            ),
        ),
        migrations.CreateModel(
            name="Reorganisation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "unit_path",
                    models.CharField(
                        db_collation="C", editable=False, max_length=200, verbose_name="单位路径"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("merge", "并入"), ("split", "分设"), ("close", "撤销")],
                        max_length=5,
                        verbose_name="变动",
                    ),
                ),
                ("on", models.DateField(verbose_name="日期")),
                ("document_number", models.CharField(blank=True, max_length=60, verbose_name="文号")),
                ("people", models.PositiveIntegerField(default=0, verbose_name="转出人数")),
                ("appointments", models.PositiveIntegerField(default=0, verbose_name="转出任职")),
                ("moved", models.JSONField(default=dict, verbose_name="转出的记录")),
                ("made_at", models.DateTimeField(verbose_name="办理时间")),
                ("undone_at", models.DateTimeField(blank=True, null=True, verbose_name="撤回时间")),
                (
                    "into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arrivals",
                        to="accounts.unit",
                        verbose_name="承接单位",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="撤回人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reorganisations",
                        to="accounts.unit",
                        verbose_name="单位",
                    ),
                ),
            ],
            options={
                "verbose_name": "机构变动",
                "verbose_name_plural": "机构变动",
                "ordering": ["-on", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind", "close"), ("into__isnull", False), _connector="OR"),
                        name="reorganisation_goes_somewhere",
                    )
                ],
            },
        ),
        migrations.RunSQL(*composite_foreign_key("cadres_reorganisation")),
    ]
