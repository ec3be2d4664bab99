"""Files that a person takes home: lists as CSV or XLSX, one case as PDF.

`asked` says what was asked for, `making` makes it in a job (`console/tasks.py`), from `tables` or `dossier`; `writing`
knows the formats, `storage` the folder. Whatever is written was recorded as read before.
"""
