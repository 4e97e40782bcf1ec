"""Papers that are no .xlsx, as grids: Word tables (`word`), workbooks of Excel 97 and WPS (`biff`).

In: bytes the guard has not seen. Out: `Grid`s of what may be read, or `RefusalError` with a code. Each counts sizes, entries and
cells before any library gets the bytes; macros are never touched, links never followed.
"""
