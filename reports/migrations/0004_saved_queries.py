"""Saved queries and column choices; a query's copied unit path follows its unit."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.scope import composite_foreign_key


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_grant_follows_account_class'),
        ('reports', '0003_quality_findings'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnChoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None, verbose_name='列')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='column_choices', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
            ],
            options={
                'verbose_name': '列模板',
                'verbose_name_plural': '列模板',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='columns_name_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedQuery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unit_path', models.CharField(db_collation='C', editable=False, max_length=200, verbose_name='单位路径')),
                ('name', models.CharField(max_length=60, verbose_name='名称')),
                ('is_shared', models.BooleanField(default=False, verbose_name='与本单位共享')),
                ('where', models.JSONField(verbose_name='条件')),
                ('as_of', models.DateField(blank=True, null=True, verbose_name='统计日')),
                ('people', models.CharField(choices=[('in', '在职'), ('all', '全部（含已离开）')], default='in', max_length=3, verbose_name='人员')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='建立时间')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='更新时间')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_queries', to=settings.AUTH_USER_MODEL, verbose_name='建立人')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='saved_queries', to='accounts.unit', verbose_name='所属单位')),
                ('within', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.unit', verbose_name='查询范围')),
            ],
            options={
                'verbose_name': '查询',
                'verbose_name_plural': '查询',
                'ordering': ['name', 'id'],
                'constraints': [models.UniqueConstraint(fields=('owner', 'name'), name='query_name_once')],
            },
        ),
        migrations.RunSQL(*composite_foreign_key("reports_savedquery")),
    ]
