"""What can keep a result from being written, in the words of the person who wants it."""

from __future__ import annotations

import errno
from typing import TYPE_CHECKING, Final

from perfxl.model import PerfxlError
from perfxl.output.text import printable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MESSAGES: Final[Mapping[str, tuple[str, str]]] = {
    "output-exists": (
        "输出文件已存在：{file}。请改用其他文件名，或确认可以覆盖后加 --force。",
        "Output exists: {file}. Choose another name, or use --force to overwrite it.",
    ),
    "output-is-input": (
        "输出文件就是输入文件：{file}。请用 -o 指定其他文件名。",
        "The output is one of the inputs: {file}. Name another file with -o.",
    ),
    "output-no-permission": (
        "没有写入权限：{dir}。请用 -o 指定可以写入的文件夹。",
        "No permission to write in {dir}. Name a folder you may write to with -o.",
    ),
    "output-disk-full": ("磁盘空间不足，原有文件未改动。请清理磁盘后重试。", "Disk full; existing files untouched. Free some space and try again."),
    "output-open-elsewhere": (
        "结果文件正被 Excel/WPS 打开：{file}。新结果已保存为 {kept}，请关闭后重试。",
        "The result is open in Excel/WPS: {file}. The new result is kept as {kept}; close it and try again.",
    ),
    "output-path-too-long": (
        "路径过长：{path}。请缩短文件名或换一个上级文件夹。",
        "Path too long: {path}. Shorten the name or choose a folder higher up.",
    ),
    "output-folder-missing": (
        "文件夹不存在：{dir}。请先建立该文件夹，或用 -o 指定其他位置。",
        "No such folder: {dir}. Create it, or name another place with -o.",
    ),
    "output-not-a-folder": (
        "{dir} 已经有了，但不是文件夹。结果文件要以 .xlsx 结尾；要写进文件夹，请换一个名称。",
        "{dir} exists and is no folder. A result ends in .xlsx; for a folder, choose another name.",
    ),
    "output-failed": (
        "无法写入 {file}（{reason}）。请检查磁盘和网络后重试。",
        "Cannot write {file} ({reason}). Check the disk or the network and try again.",
    ),
    "output-locked": (
        "另一个 perfxl 正在写同一文件夹（{holder}）。请等它结束后重试。",
        "Another perfxl ({holder}) is writing there. Wait until it has finished.",
    ),
    "output-twice": (
        "同一个文件要写两样东西：{file}。请给每种结果各指定一个名称。",
        "Two results would go to one place: {file}. Give each a name of its own.",
    ),
    "output-above-input": (
        "输出文件夹 {dir} 里有要读的文件（{file}）。请另指定一个新的文件夹。",
        "The output folder {dir} is or holds an input ({file}). Name a new folder.",
    ),
    "output-folder-foreign": (
        "输出文件夹 {dir} 在收件的文件夹里，而且有不是 perfxl 写的文件（{file}）。请另指定一个新的文件夹。",
        "The output folder {dir} lies in an input folder and holds what perfxl did not write ({file}). Name a new folder.",
    ),
    "output-name": (
        "“{file}”不能作为结果的名称：结果只能写成 {suffix}。请改用这个扩展名；要写进文件夹，请先建立它。",
        "{file} is no name for a result: it is written as {suffix}. Use that extension; for a folder, create it first.",
    ),
    "output-letter-failed": (
        "没有写成：{file}（{reason}）。其他结果不受影响。请排除原因后重新运行。",
        "Could not be written: {file} ({reason}). The other results are not affected. Mend the cause and run again.",
    ),
}
"""Code → the message in Chinese and in English, with its fix."""


class OutputError(PerfxlError):
    """A result could not be written; nothing that was there before has changed."""

    def __init__(self, code: str, **details: str) -> None:
        self.code = code
        self.details: Mapping[str, str] = details
        chinese, english = MESSAGES[code]
        shown = {name: printable(value) for name, value in details.items()}
        super().__init__(chinese.format(**shown), en=english.format(**shown))


def explained(error: OSError, path: Path) -> OutputError:
    """The user's words for what the system said."""
    match error.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return OutputError("output-no-permission", dir=str(path.parent))
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return OutputError("output-disk-full")
        case errno.ENAMETOOLONG:
            return OutputError("output-path-too-long", path=str(path))
        case errno.EBUSY | errno.ETXTBSY:
            return OutputError("output-open-elsewhere", file=str(path), kept="-")
        case errno.ENOTDIR:
            return OutputError("output-not-a-folder", dir=str(next((folder for folder in path.parents if folder.exists()), path.parent)))
        case errno.ENOENT:
            return OutputError("output-folder-missing", dir=str(path.parent))
        case _:
            return OutputError("output-failed", file=str(path), reason=error.strerror or "?")
