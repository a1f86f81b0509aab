"""A request keeps what the record said when it was asked, what was typed before, and a photo that is wished."""

import django.db.models.deletion
from django.db import migrations, models

import core.crypto


class Migration(migrations.Migration):
    dependencies = [
        ("cadres", "0012_changes_of_units"),
        ("core", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="correction",
            name="before",
            field=core.crypto.EncryptedTextField(blank=True, default="", verbose_name="申请时的记录"),
        ),
        migrations.AddField(
            model_name="correction",
            name="photo",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.storedfile",
                verbose_name="申请的照片",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="photo_before",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="core.storedfile",
                verbose_name="申请时的照片",
            ),
        ),
        migrations.AddField(
            model_name="correction",
            name="typed",
            field=core.crypto.EncryptedTextField(blank=True, default="", verbose_name="草稿"),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("kind__in", ["basic", "photo"]), ("status__in", ["submitted", "returned"])
                ),
                fields=("cadre", "kind"),
                name="correction_own_data_once_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="correction",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "draft")),
                fields=("cadre", "kind", "record_id"),
                name="correction_one_draft",
                nulls_distinct=False,
            ),
        ),
    ]
