"""Forms and photos come in through the same stages as rosters: which kind an import is, and what a form says."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cadres", "0005_norms_and_retirement_rules")]

    operations = [
        migrations.AddField(
            model_name="rosterimport",
            name="kind",
            field=models.CharField(
                choices=[("roster", "名册"), ("forms", "任免审批表"), ("photos", "照片")], db_default="roster",
                default="roster", editable=False, max_length=10, verbose_name="类别",
            ),
        ),
        migrations.AddField(
            model_name="rosterimportrow", name="form", field=models.TextField(null=True, verbose_name="任免审批表")
        ),
    ]
