"""Spreadsheets in and out: hostile files refused, messy tables read, clean tables written.

`safety` checks an upload, `reading` yields its rows from a child process, `headers` and `rows` find the
table in them, `values` cleans cells, `problems` says what is wrong where, `rejected` hands the faulty rows
back, `writing` writes tables. This file imports nothing, so that the child process starts fast.
"""
