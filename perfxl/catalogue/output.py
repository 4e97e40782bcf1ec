"""9xx: results that could not be written, and errors of this program."""

from __future__ import annotations

from perfxl.catalogue.entry import DESIGN, ERROR, Entry

_WHOLE = "结果要么完整写出，要么一个字也不写。"

OUTPUT: tuple[Entry, ...] = (
    Entry(
        "output-exists", 901, ERROR, "结果已存在",
        zh="结果文件已经存在，而且不是本软件写出时的样子：{file}。", fix_zh="请换一个文件名，或加 --force 覆盖。",
        en="The result exists and is not as this program wrote it: {file}.", fix_en="Choose another name, or use --force to overwrite.",
        why="可能有人在结果里改过内容，不能悄悄覆盖。", evidence=DESIGN,
    ),
    Entry(
        "output-no-permission", 902, ERROR, "没有写入权限",
        zh="没有在这个文件夹写入的权限：{dir}。", fix_zh="请换一个文件夹，或请管理员开通权限。",
        en="No permission to write in {dir}.", fix_en="Choose another folder, or ask for permission.",
        why=_WHOLE, evidence=DESIGN,
    ),
    Entry(
        "output-disk-full", 903, ERROR, "磁盘已满",
        zh="磁盘空间不足，结果没有写出，原有文件没有改动。", fix_zh="请清理磁盘后再运行。",
        en="The disk is full; nothing was written and existing files are untouched.", fix_en="Free some space and run again.",
        why=_WHOLE, evidence=DESIGN,
    ),
    Entry(
        "output-open-elsewhere", 904, ERROR, "结果正被打开",
        zh="结果文件正被 Excel 或 WPS 打开，没有写出：{file}。", fix_zh="请关闭它后再运行。",
        en="The result is open in Excel or WPS and was not written: {file}.", fix_en="Close it and run again.",
        why=_WHOLE, evidence=DESIGN,
    ),
    Entry(
        "output-path-too-long", 905, ERROR, "路径过长",
        zh="结果的路径过长，系统不接受：{path}。", fix_zh="请换一个层次较浅的文件夹。",
        en="The path of the result is too long: {path}.", fix_en="Choose a folder with a shorter path.",
        why=_WHOLE, evidence=DESIGN,
    ),
    Entry(
        "output-locked", 906, ERROR, "文件夹被占用",
        zh="另一个 perfxl（进程{pid}）正在写同一个文件夹。", fix_zh="请等它结束后再运行。",
        en="Another perfxl (process {pid}) is writing into the same folder.", fix_en="Wait until it has finished and run again.",
        why="两个程序同时写，结果会互相覆盖。", evidence=DESIGN,
    ),
    Entry(
        "internal-error", 911, ERROR, "程序错误",
        zh="程序内部出错，编号{id}，这一份没有结果。", fix_zh="请把编号告诉维护者。",
        en="Internal error {id}; there is no result for this file.", fix_en="Report this number to the maintainers.",
        why="这是程序的问题，不是填报的问题。", evidence=DESIGN,
    ),
)
