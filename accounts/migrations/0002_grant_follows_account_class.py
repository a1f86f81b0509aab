"""Ties a grant's account class to its user's: no insert can give one class of account another's role.

NO ACTION on purpose: the class of an account that holds or held grants can't be changed under them.
"""

from django.db import migrations

FORWARD = """
ALTER TABLE accounts_grant ADD CONSTRAINT accounts_grant_class_of_user
FOREIGN KEY (user_id, account_class) REFERENCES accounts_user (id, account_class)
ON UPDATE NO ACTION ON DELETE NO ACTION
"""
BACKWARD = "ALTER TABLE accounts_grant DROP CONSTRAINT accounts_grant_class_of_user"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
