"""9xx: results that could not be written, and errors of this program."""

from __future__ import annotations

from perfxl.catalogue.entry import DESIGN, ERROR, Entry

OUTPUT: tuple[Entry, ...] = (
    Entry("output-exists", 901, ERROR, "结果已存在", DESIGN),
    Entry("output-no-permission", 902, ERROR, "没有写入权限", DESIGN),
    Entry("output-disk-full", 903, ERROR, "磁盘已满", DESIGN),
    Entry("output-open-elsewhere", 904, ERROR, "结果正被打开", DESIGN),
    Entry("output-path-too-long", 905, ERROR, "路径过长", DESIGN),
    Entry("output-locked", 906, ERROR, "文件夹被占用", DESIGN),
    Entry("internal-error", 911, ERROR, "程序错误", DESIGN),
    Entry("output-is-input", 912, ERROR, "结果就是输入", DESIGN),
    Entry("output-twice", 913, ERROR, "两种结果同名", DESIGN),
    Entry("output-above-input", 914, ERROR, "输出夹即收件夹", DESIGN),
    Entry("output-folder-foreign", 915, ERROR, "输出夹有别的", DESIGN),
    Entry("output-name", 916, ERROR, "结果的名称不对", DESIGN),
    Entry("output-letter-failed", 917, ERROR, "通知没有写成", DESIGN),
)
