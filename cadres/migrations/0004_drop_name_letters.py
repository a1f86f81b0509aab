"""Drop the run-together pinyin: search reads syllables from the key, and nothing asks for it any more."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cadres", "0003_histories_in_full")]

    operations = [migrations.RemoveField("cadre", "name_letters")]
