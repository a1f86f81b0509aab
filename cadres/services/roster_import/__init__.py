"""The import of rosters: staged by COPY, matched and compared in SQL, committed in one transaction.

`columns` names what a staged row holds, `staging` copies rows in, `matching` finds the people, `comparing`
says what would change, `previewing` puts both together, `committing` writes, `answers` takes the answers to
what was asked, `units` tells units by name, `reporting` words the outcome.
"""
