"""Roster workbooks: the columns a roster has, rows read into values, and workbooks written."""
