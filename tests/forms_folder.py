"""samples/forms: one official form in each container, and what perfxl makes of it. `python tests/forms_folder.py` writes what is generated.

The .xlsx, .xls and .docx are published forms as handed in; the .et is the .xls under WPS's name, the .zip holds two of them and a picture, its
names in GBK as Windows writes them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from paper_samples import gbk_zip

from perfxl.intake.discover import find_files
from perfxl.intake.reading import IGNORED, Refused, read_found_file
from perfxl.scoring.batch import score_submissions
from perfxl.scoring.document import score_document

FOLDER = Path(__file__).parents[1] / "samples" / "forms"
EXPECTED = FOLDER / "expected.json"


def generated() -> dict[str, bytes]:
    """The files that are made from the others."""
    xls, docx = ((FOLDER / name).read_bytes() for name in ("huangshi_library_2022.xls", "langfang_school_2019.docx"))
    packed = {"黄石市图书馆/自评表.xls": xls, "廊坊市食品工程学校.docx": docx, "黄石市图书馆/现场照片.jpg": b"\xff\xd8\xff\xd9"}
    return {"huangshi_library_2022.et": xls, "two_units.zip": gbk_zip(packed)}


def expected() -> dict[str, Any]:
    """Of every file of the folder, of every entry of the zip: each submission in figures, or the code that says why there is none."""
    said: dict[str, Any] = {}
    for found in find_files([FOLDER]):
        if found.shown == EXPECTED.name:
            continue
        read = Refused(found.shown, str(found.code)) if found.code else read_found_file(found)
        said[found.shown] = read.code.removeprefix(IGNORED) if isinstance(read, Refused) else [_figures(submission) for submission in read]
    return said


def _figures(submission: Any) -> dict[str, Any]:
    document = score_document(score_submissions([submission])[submission.number][0], submission.number)
    return {
        "unit": document["unit"]["name"],
        "fiscal_year": document["unit"]["fiscal_year"],
        "project": submission.fields.get("project"),
        "execution": document["budget"]["score"],
        "total": document["total"],
        "possible": document["possible"],
        "grade": document["grade"],
        "claimed": document["claimed"]["total"],
        "rows": [[row["level3"], row["target"]["text"], row["actual"]["text"], row["weight"], row["score"]] for row in document["indicators"]],
        "errors": sorted({issue["code"] for issue in document["issues"] if issue["severity"] == "error"}),
    }


if __name__ == "__main__":
    for name, content in generated().items():
        (FOLDER / name).write_bytes(content)
    EXPECTED.write_text(json.dumps(expected(), ensure_ascii=False, indent=1) + "\n", "utf-8")
