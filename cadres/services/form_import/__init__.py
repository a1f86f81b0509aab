"""任免审批表 into the roster and out of it, through the stages of the roster import.

`reading` stages the forms of an upload, `comparing` says what they would change beyond the roster's columns,
`writing` writes that in the import's transaction, `exporting` hands forms out, cut to what the asker may see.
"""
