"""1xx: files that are refused or ignored, and what is odd about one that was read."""

from __future__ import annotations

from perfxl.catalogue.entry import ASIDE, CORPUS, DESIGN, ERROR, INFO, WARNING, Elsewhere, Entry

_OF_A_SHEET = (
    "unit-name-missing", "fiscal-year-missing", "evaluation-assumed", "money-unit-assumed", "budget-missing", "weights-not-full",
    "weights-block-differs", "dimension-missing",
)  # fmt: skip
_OF_A_COLUMN = (
    "actual-missing", "target-missing", "weight-missing", "weights-not-full", "budget-missing", "budget-line-unknown", "level-unknown",
    "indicator-name-missing", "goal-actual-missing", "goal-quantity-unreported", "weights-block-differs", "dimension-missing",
)  # fmt: skip
_OF_TWO_COLUMNS = (
    "actual-missing", "target-missing", "weight-missing", "weights-not-full", "budget-missing", "level-unknown", "indicator-name-missing",
    "goal-actual-missing", "goal-quantity-unreported", "weights-block-differs", "dimension-missing", "tier-missing", "row-not-scorable",
)  # fmt: skip
_OF_A_VALUE = ("actual-missing", "target-missing", "weight-missing", "budget-missing", "tier-missing", "indicator-name-missing")
_OF_AN_AMOUNT = ("budget-missing", "budget-total-mismatch", "budget-source-type-mismatch")
"""What only follows where a sheet, a column, a value or an amount is lacking."""

FILE: tuple[Entry, ...] = (
    Entry("file-not-regular", 101, ERROR, "不是文件", DESIGN),
    Entry("file-empty", 102, ERROR, "空文件", CORPUS),
    Entry("file-encrypted", 103, ERROR, "有打开密码", CORPUS),
    Entry("file-is-xls", 104, ERROR, "旧版格式", CORPUS),
    Entry("file-is-html", 105, ERROR, "网页文件", CORPUS),
    Entry("file-is-xml-2003", 106, ERROR, "XML表格", CORPUS),
    Entry("file-not-xlsx", 107, ERROR, "不是工作簿", CORPUS),
    Entry("file-not-a-workbook", 108, ERROR, "不是表格", CORPUS),
    Entry("file-damaged", 109, ERROR, "文件损坏", CORPUS),
    Entry("file-duplicate-parts", 110, ERROR, "文件损坏", CORPUS),
    Entry("file-overlapping-parts", 111, ERROR, "文件损坏", "CVE-2024-0450"),
    Entry("file-illegal-part-name", 112, ERROR, "文件损坏", CORPUS),
    Entry("file-extension", 113, ERROR, "扩展名不收", DESIGN),
    Entry("file-part-missing", 114, ERROR, "文件损坏", CORPUS),
    Entry("sheet-name-repeated", 115, ERROR, "工作表重名", CORPUS),
    Entry("file-no-sheet", 116, ERROR, "没有工作表", CORPUS),
    Entry("file-has-dtd", 117, ERROR, "文件不安全", "CVE-2017-5992、CVE-2018-19277"),
    Entry("file-encoding", 118, ERROR, "文件损坏", CORPUS),
    Entry("file-xml-too-deep", 119, ERROR, "文件损坏", CORPUS),
    Entry("file-xml-broken", 120, ERROR, "文件损坏", CORPUS),
    Entry("cell-address-illegal", 121, ERROR, "文件损坏", CORPUS),
    Entry("cells-out-of-order", 122, ERROR, "文件损坏", CORPUS),
    Entry("string-index-illegal", 123, ERROR, "文件损坏", CORPUS),
    Entry("cell-number-illegal", 124, ERROR, "文件损坏", CORPUS),
    Entry("cell-type-unknown", 125, ERROR, "文件损坏", CORPUS),
    Entry("file-too-large", 126, ERROR, "文件过大", CORPUS),
    Entry("file-too-slow", 127, ERROR, "读取超时", CORPUS),
    Entry("file-out-of-memory", 128, ERROR, "占用内存过多", CORPUS),
    Entry("file-reader-died", 129, ERROR, "读取中断", CORPUS),
    Entry("file-unreadable", 130, ERROR, "读不出", CORPUS),
    Entry("file-not-readable", 150, ERROR, "打不开", DESIGN),
    Entry("sheet-missing", 131, ERROR, "缺工作表", DESIGN, hides=_OF_A_SHEET),
    Entry("column-missing", 132, ERROR, "缺列", DESIGN, hides=_OF_A_COLUMN),
    Entry("template-version-unknown", 133, WARNING, "模板版本不符", DESIGN),
    Entry("sheet-hidden", 134, WARNING, "工作表隐藏", CORPUS),
    Entry("cells-outside-form", 135, WARNING, "表外有内容", CORPUS),
    Entry("merged-extra-content", 136, WARNING, "合并区内有内容", CORPUS),
    Entry("formula-without-value", 137, ERROR, "公式没有结果", CORPUS, hides=_OF_A_VALUE, elsewhere=ASIDE, clears=_OF_AN_AMOUNT),
    Entry("formula-may-be-stale", 138, WARNING, "公式可能过期", CORPUS),
    Entry("refers-to-other-file", 139, WARNING, "引用其他文件", CORPUS),
    Entry("cell-error", 140, ERROR, "错误值", CORPUS, hides=_OF_A_VALUE, clears=_OF_AN_AMOUNT),
    Entry("cell-error-unscored", 141, WARNING, "错误值", CORPUS),
    Entry("date-for-number", 142, WARNING, "应填数字", CORPUS),
    Entry("number-as-text", 143, INFO, "文本数字", CORPUS),
    Entry("number-expected", 144, WARNING, "应填数字", DESIGN, hides=("date-for-number",)),
    Entry("control-characters", 145, WARNING, "不可见字符", CORPUS),
    Entry("cell-is-picture", 146, ERROR, "图片", CORPUS, hides=_OF_A_VALUE, elsewhere=ASIDE),
    Entry("text-looks-like-formula", 147, INFO, "像公式的文字", "OWASP ASVS 1.2.10"),
    Entry("compression-unusual", 148, WARNING, "压缩比异常", CORPUS),
    Entry("file-has-macros", 149, WARNING, "含宏", CORPUS),
    Entry("ignored-lock-file", 151, INFO, "临时文件", CORPUS),
    Entry("ignored-not-a-spreadsheet", 152, INFO, "不是表格", DESIGN),
    Entry("ignored-own-result", 153, INFO, "结果文件", DESIGN),
    Entry("ignored-identical", 154, INFO, "内容相同", DESIGN),
    Entry("scored-workbook-submitted", 155, INFO, "报来的是结果表", DESIGN),
    Entry("file-changing", 190, ERROR, "文件正在变动", DESIGN),
    Entry("not-an-intake", 175, ERROR, "不是填报表", DESIGN),
    Entry("folder-unreadable", 176, ERROR, "文件夹打不开", DESIGN),
    Entry(
        "sheet-repeated",
        177,
        ERROR,
        "一张表有两份",
        DESIGN,
        hides=("budget-missing", "weights-not-full", "weights-block-differs", "dimension-missing", "goal-actual-missing", "goal-quantity-unreported"),
    ),
    Entry("sheet-by-header", 178, INFO, "按表头认出的表", DESIGN),
    Entry("sheet-unread", 179, WARNING, "像填报表但没有读", DESIGN),
    Entry("sheet-foreign", 180, INFO, "模板以外的工作表", CORPUS),
    Entry("rows-hidden", 181, WARNING, "有隐藏的行列", CORPUS),
    Entry("column-repeated", 182, ERROR, "同一栏有两处", DESIGN, hides=_OF_TWO_COLUMNS, elsewhere=ASIDE),
    Entry("column-unnamed", 183, WARNING, "没有标题的内容", CORPUS),
    Entry("choice-unknown", 184, ERROR, "选项不明", DESIGN, elsewhere=ASIDE),
    Entry("ignored-system-file", 185, INFO, "系统留下的文件", CORPUS),
    Entry("cell-content-illegal", 160, ERROR, "单元格损坏", CORPUS),
    Entry(
        "shown-differs",
        161,
        ERROR,
        "显示与存储不一致",
        CORPUS,
        elsewhere=Elsewhere(
            WARNING, "reason", frozenset({"size", "year"}), "大小相差不到10倍、年份没有隐去", "where the size is the same and no year is hidden"
        ),
    ),
    Entry("text-struck", 162, INFO, "有删除线", DESIGN),
    Entry("file-stalled", 163, ERROR, "磁盘没有响应", DESIGN),
)
