"""The import of workbooks of histories: rows staged by COPY, people matched as a roster's are, records in a merge.

`staged` names what a row holds, `people` finds whose rows they are, `records` matches and compares the rows of one
person with what is kept, `evaluating` runs over all of them in one pass a history, `previewing` keeps the outcome,
`writing` and `committing` write it, `reporting` words it.
"""
