"""Workbooks of histories, one sheet a kind: the system's own 履历工作簿 and the national 干部大数据信息提取表.

`columns` is what a sheet and a column are, `cells` reads and writes single cells by the model's field, `own` and
`national` are the two tables of sheets, `reading` turns a file into staged rows, `exporting` writes workbooks,
`rejecting` hands back what didn't come in.
"""
