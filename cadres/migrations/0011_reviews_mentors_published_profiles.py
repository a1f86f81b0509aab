"""Reviews can be corrected (when they changed), plans say how often they are reviewed, profiles when published.

Profiles that exist already count as published on the day they were entered: the form that entered them said
"登记后本人可以看到", and the persons could read them ever since. Taking them back is HR's to do (收回).
Reviews that exist were last changed when they were made.
"""

from zoneinfo import ZoneInfo

import django.core.validators
import django.utils.timezone
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import TruncDate


def keep_what_was_seen(apps, schema_editor):
    """Publish what the persons see already; a self-assessment needs no publishing."""
    profiles = apps.get_model("cadres", "CompetenceProfile").objects.exclude(source="self")
    profiles.update(published_on=TruncDate("created_at", tzinfo=ZoneInfo("Asia/Shanghai")))


def date_reviews(apps, schema_editor):
    """A review was last changed when it was made."""
    for name in ("ReserveReview", "PlanReview"):
        apps.get_model("cadres", name).objects.update(updated_at=F("created_at"))


class Migration(migrations.Migration):
    dependencies = [("cadres", "0010_corrections")]

    operations = [
        migrations.AddField(
            model_name="competenceprofile",
            name="published_on",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="发布之后本人才能看到；自评不需要发布",
                null=True,
                verbose_name="发布日期",
            ),
        ),
        migrations.AddField(
            model_name="developmentplan",
            name="interval_months",
            field=models.PositiveSmallIntegerField(
                db_default=6,
                default=6,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(36),
                ],
                verbose_name="评估间隔（月）",
            ),
        ),
        migrations.AddConstraint(
            model_name="developmentplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("interval_months__gte", 1), ("interval_months__lte", 36)),
                name="plan_interval_in_months",
            ),
        ),
        migrations.AddField(
            model_name="planreview",
            name="by_mentor",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="导师所写"
            ),
        ),
        migrations.AddField(
            model_name="planreview",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, default=django.utils.timezone.now, verbose_name="更新时间"
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="reservereview",
            name="updated_at",
            field=models.DateTimeField(
                auto_now=True, default=django.utils.timezone.now, verbose_name="更新时间"
            ),
            preserve_default=False,
        ),
        migrations.RunPython(keep_what_was_seen, migrations.RunPython.noop),
        migrations.RunPython(date_reviews, migrations.RunPython.noop),
    ]
