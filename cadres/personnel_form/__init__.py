"""The 任免审批表: read from .lrmx and .lrm, alone or by the hundred in a zip, and written as .lrmx and .docx.

`elements` names what a form holds, `lrmx` and `lrm` read and write files, `archive` opens what was uploaded,
`docx` prints the form. Between form and roster stands `cadres.services.form_import`.
"""
