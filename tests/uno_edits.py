"""Edits a person makes in a spreadsheet program, made by LibreOffice through its own Python: rows moved, added, deleted, cells typed over.

Run by the interpreter that has `uno`, not by pytest: `python3 uno_edits.py PIPE` reads jobs as JSON from standard input.
"""

from __future__ import annotations

import json
import sys
import time

TRIES = 6000  # of a tenth of a second: a busy machine is no reason to fail


def value(name, said):
    import uno

    found = uno.createUnoStruct("com.sun.star.beans.PropertyValue")
    found.Name, found.Value = name, said
    return found


def desktop(pipe):
    import uno
    from com.sun.star.connection import NoConnectException

    local = uno.getComponentContext()
    resolver = local.ServiceManager.createInstanceWithContext("com.sun.star.bridge.UnoUrlResolver", local)
    for _ in range(TRIES):
        try:
            context = resolver.resolve(f"uno:pipe,name={pipe};urp;StarOffice.ComponentContext")
            return context.ServiceManager.createInstanceWithContext("com.sun.star.frame.Desktop", context)
        except NoConnectException:
            time.sleep(0.1)
    raise SystemExit("LibreOffice does not answer")


def typed(cell, what):
    if isinstance(what, str):
        cell.setString(what)
    else:
        cell.setValue(what)


def row_address(sheet, row, columns=40):
    return sheet.getCellRangeByPosition(0, row - 1, columns, row - 1).RangeAddress


def edit(book, step):
    kind, title, *rest = step
    sheet = book.Sheets.getByName(title)
    sheet.unprotect("")
    if kind == "set":
        typed(sheet.getCellRangeByName(rest[0]), rest[1])
    elif kind == "formula":
        sheet.getCellRangeByName(rest[0]).setFormula(rest[1].replace("!", ".").replace(",", ";"))
    elif kind == "clear":
        sheet.getCellRangeByName(rest[0]).clearContents(1 | 2 | 4 | 16)
    elif kind == "delete":
        sheet.Rows.removeByIndex(rest[0] - 1, rest[1])
    elif kind == "insert":
        sheet.Rows.insertByIndex(rest[0] - 1, rest[1])
    elif kind == "copy":
        sheet.copyRange(sheet.getCellByPosition(0, rest[1] - 1).CellAddress, row_address(sheet, rest[0]))
    elif kind == "move":
        sheet.moveRange(sheet.getCellByPosition(0, rest[1] - 1).CellAddress, row_address(sheet, rest[0]))
    elif kind == "sort":
        import uno

        field = uno.createUnoStruct("com.sun.star.table.TableSortField")
        field.Field, field.IsAscending = rest[1], rest[2]
        fields = uno.Any("[]com.sun.star.table.TableSortField", (field,))
        sheet.getCellRangeByName(rest[0]).sort((value("SortFields", fields), value("ContainsHeader", said=False)))
    else:
        raise SystemExit(f"no such edit: {kind}")


def main():
    office = desktop(sys.argv[1])
    for source, target, steps in json.load(sys.stdin):
        book = office.loadComponentFromURL(source, "_blank", 0, (value("Hidden", said=True),))
        for step in steps:
            edit(book, step)
        book.calculateAll()
        book.storeToURL(target, (value("FilterName", "Calc MS Excel 2007 XML"),))
        book.close(True)  # noqa: FBT003  # UNO takes no names
    office.terminate()


if __name__ == "__main__":
    main()
