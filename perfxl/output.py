"""Results are whole or absent: how perfxl writes files, and how it knows its own again.

A result is written to a temporary name beside its target and renamed when whole: a kill at any moment leaves the
old file or the new one. A custom document property tells a result of perfxl, and whether it was edited since.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import stat
import sys
import time
import unicodedata
import zlib
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import Struct
from struct import error as struct_error
from typing import IO, TYPE_CHECKING, Final, Literal, get_args
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from perfxl.model import PerfxlError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Kind = Literal["scored", "consolidated", "template", "report", "letter"]
State = Literal["ours-untouched", "ours-edited", "foreign"]

PROPERTY: Final = "perfxl"
"""The custom document property: `kind version source-sha256 fingerprint`, one blank between, `-` for none."""

_MARK: Final = ".perfxl-"
_CUSTOM: Final = "docProps/custom.xml"
_STALE: Final = 24 * 3600.0
_CHUNK: Final = 1 << 20
_MODE: Final = 0o600 << 16
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_LOCAL_NAMES: Final = Struct("<26xHH")
_LOCK: Final = ".perfxl.lock"

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
    "output-disk-full": (
        "磁盘空间不足，原有文件未改动。请清理磁盘后重试。",
        "Disk full; existing files untouched. Free some space and try again.",
    ),
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
        "另一个 perfxl 正在写同一文件夹（进程 {pid}）。请等它结束后重试。",
        "Another perfxl (pid {pid}) is writing there. Wait until it has finished.",
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


# ── whole files ─────────────────────────────────────────────────────────────────────────────────────────────────────


def write_whole(path: Path, content: bytes) -> None:
    """Put `content` at `path`, or leave what was there; the folder must exist. Raises `OutputError`."""
    with whole_file(path) as target:
        target.write(content)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """A binary file, open for writing and reading, that takes the place of `path` when the block ends without an error.

    `target.name` is its path for a writer that wants one. An error inside removes it; `OSError` becomes `OutputError`.
    """
    folder = path.parent
    temporary: Path | None = None
    try:
        _check_length(path)
        sweep(folder)
        temporary, target = _temporary(folder)
        with target:
            yield target
            target.flush()
            os.fsync(target.fileno())
        _replace(temporary, path)
        temporary = None
        _sync_folder(folder)
    except OSError as error:
        raise _explained(error, path) from error
    except OutputError as error:
        if error.code == "output-open-elsewhere":
            temporary = None
        raise
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink()


def _temporary(folder: Path) -> tuple[Path, IO[bytes]]:
    """A new file with the mode that the umask gives every other file (mkstemp would hide it from colleagues)."""
    while True:
        path = folder / f"{_MARK}{os.urandom(6).hex()}.tmp"
        with suppress(FileExistsError):
            return path, path.open("x+b")


def _replace(temporary: Path, path: Path) -> None:
    try:
        temporary.replace(path)
    except PermissionError:
        if sys.platform == "win32" and path.exists():
            raise OutputError("output-open-elsewhere", file=str(path), kept=temporary.name) from None
        raise


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where the system lets a folder be synced."""
    if sys.platform != "win32":
        with suppress(OSError):
            handle = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _check_length(path: Path) -> None:
    if sys.platform == "win32" and len(str(path.absolute())) > 259:
        raise OutputError("output-path-too-long", path=str(path))
    if len(os.fsencode(path.name)) > 255:
        raise OutputError("output-path-too-long", path=str(path))


def _explained(error: OSError, path: Path) -> OutputError:
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


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it where they are not there yet. Raises `OutputError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError("output-not-a-folder", dir=str(folder)) from None
    except OSError as error:
        raise _explained(error, folder) from error


def sweep(folder: Path) -> None:
    """Remove what killed runs left in `folder` more than a day ago; a younger one may still be written."""
    before = time.time() - _STALE
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_MARK) and entry.name.endswith(".tmp"):
                with suppress(OSError):
                    if entry.is_file(follow_symlinks=False) and entry.stat(follow_symlinks=False).st_mtime < before:
                        Path(entry.path).unlink()


def probe(folder: Path) -> None:
    """Raise `OutputError` now rather than after all the work if nothing can be written in `folder`."""
    path = folder / f"{_MARK}{os.urandom(6).hex()}.tmp"
    write_whole(path, b"perfxl")
    with suppress(OSError):
        path.unlink()


# ── may this file be replaced? ──────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Seal:
    """What the property of a result says about it."""

    kind: str
    version: str
    source: str
    """SHA-256 of the intake the result was made from; empty for a template or a consolidated workbook."""
    fingerprint: str
    """SHA-256 over all parts, as they are packed, but the one that holds the property."""


def may_replace(path: Path, *, inputs: Iterable[Path] = (), force: bool = False) -> None:
    """Return if `path` may be written, else raise `OutputError`.

    Never over one of `inputs`; over a result of perfxl as long as nobody edited it; over anything else only by `force`.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise _explained(error, path) from error
    if any(_same(path, other) for other in inputs):
        raise OutputError("output-is-input", file=str(path))
    if stat.S_ISDIR(found.st_mode):
        raise OutputError("output-exists", file=str(path))
    if force:
        return
    if not stat.S_ISREG(found.st_mode) or sealed_state(path) != "ours-untouched":
        raise OutputError("output-exists", file=str(path))


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError):
        return one.samefile(other)
    return False


def seal(workbook: bytes, kind: Kind, version: str, source: str = "") -> bytes:
    """`workbook` with the property that names it a result of perfxl; the same bytes give the same bytes."""
    target = BytesIO()
    seal_into(BytesIO(workbook), target, kind, version, source)
    return target.getvalue()


def seal_into(workbook: IO[bytes], target: IO[bytes], kind: Kind, version: str, source: str = "") -> None:
    """Copy the package `workbook` to `target` with its seal; never more than a chunk of a part in memory.

    The package must hold a custom text property called `perfxl` (any value), so that manifest and relations name the
    part; `PerfxlError` if not.
    """
    digest = hashlib.sha256()
    with ZipFile(workbook) as package, ZipFile(target, "w", ZIP_DEFLATED) as sealed:
        if _CUSTOM not in package.namelist():
            raise PerfxlError(f"{_CUSTOM}: a workbook to be sealed needs a text property called {PROPERTY}")
        for name in sorted(set(package.namelist()) - {_CUSTOM}):
            _absorb(digest, package, name)
        written = Seal(kind, version, source, digest.hexdigest())
        for entry in package.infolist():
            if entry.filename == _CUSTOM:
                fresh = ZipInfo(entry.filename, _DATE)
                fresh.compress_type = ZIP_DEFLATED
                fresh.external_attr = _MODE
                sealed.writestr(fresh, _with_seal(package.read(entry), written))
            else:
                copy_packed(package, entry, sealed)


# ── parts as they are packed ────────────────────────────────────────────────────────────────────────────────────────


def copy_packed(package: ZipFile, entry: ZipInfo, target: ZipFile) -> None:
    """Copy a part as it is packed: packing a consolidated workbook a second time would take a tenth of the whole run."""
    add_packed(target, entry.filename, _packed(package, entry), crc=entry.CRC, size=entry.file_size, packed=entry.compress_size,
               method=entry.compress_type)


def add_packed(target: ZipFile, name: str, content: Iterable[bytes], *, crc: int, size: int, packed: int, method: int = ZIP_DEFLATED) -> None:
    """Add a part that is packed already by `method`; `size` and `crc` are of what it inflates to, `packed` is its length."""
    file = target.fp
    assert file is not None  # noqa: S101  # it is open for writing
    entry = ZipInfo(name, _DATE)
    entry.compress_type, entry.CRC, entry.file_size, entry.compress_size = method, crc, size, packed
    entry.external_attr, entry.header_offset = _MODE, file.tell()
    file.write(entry.FileHeader())
    if sum(map(file.write, content)) != packed:
        raise BadZipFile(name)
    target.filelist.append(entry)
    target.NameToInfo[name] = entry
    target.start_dir = file.tell()
    target._didModify = True  # type: ignore[attr-defined]  # noqa: SLF001  # zipfile has no way to add what is packed already


def _packed(package: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    """A part as it is packed, a chunk at a time."""
    source = package.fp
    assert source is not None  # noqa: S101  # it is open for reading
    source.seek(entry.header_offset)
    name, extra = _LOCAL_NAMES.unpack(source.read(_LOCAL_NAMES.size))
    source.seek(name + extra, os.SEEK_CUR)
    left = entry.compress_size
    while left and (chunk := source.read(min(left, _CHUNK))):
        yield chunk
        left -= len(chunk)


def _package(workbook: Path | bytes) -> ZipFile:
    return ZipFile(workbook if isinstance(workbook, Path) else BytesIO(workbook))


_UNREADABLE = (OSError, BadZipFile, KeyError, ValueError, zlib.error, struct_error, EOFError, NotImplementedError, RuntimeError)
"""What `ZipFile` raises on files that are none, or are damaged."""


def _absorb(digest: hashlib._Hash, package: ZipFile, name: str) -> None:
    """Add one part to the fingerprint: its name, its length, its bytes as they are packed.

    Inflating a consolidated workbook only for its fingerprint cost as much as writing a fifth of it.
    """
    entry = package.getinfo(name)
    digest.update(f"{name}\0{entry.file_size}\0{entry.CRC}\0{entry.compress_size}\0".encode())
    for chunk in _packed(package, entry):
        digest.update(chunk)


_VALUE = re.compile(rb'(<property\b[^>]*\bname="' + PROPERTY.encode() + rb'"[^>]*>\s*<vt:lpwstr>)([^<]*)(</vt:lpwstr>)')


def _with_seal(custom: bytes, written: Seal) -> bytes:
    value = " ".join((written.kind, written.version, written.source or "-", written.fingerprint)).encode()
    sealed, count = _VALUE.subn(lambda match: match[1] + value + match[3], custom)
    if count != 1:
        raise PerfxlError(f"{_CUSTOM}: one text property called {PROPERTY} is expected, {count} found")
    return sealed


def parse_seal(value: str) -> Seal | None:
    """The seal written in a property value, None if it is not one."""
    words = value.split(" ")
    if len(words) != 4 or words[0] not in get_args(Kind) or len(words[3]) != 64:
        return None
    return Seal(words[0], words[1], "" if words[2] == "-" else words[2], words[3])


def read_seal(workbook: Path | bytes) -> Seal | None:
    """The seal of a result, None for any other file; reads one small part."""
    with suppress(*_UNREADABLE):
        with _package(workbook) as package, package.open(_CUSTOM) as part:
            match = _VALUE.search(part.read(_CHUNK))
        return parse_seal(match[2].decode()) if match else None
    return None


def sealed_state(workbook: Path | bytes) -> State:
    """Whether a file is a result of perfxl, and whether its content is still as perfxl wrote it.

    Excel and WPS write every part anew when they save, so a saved file counts as edited even if no cell was changed.
    """
    found = read_seal(workbook)
    if found is None:
        return "foreign"
    digest = hashlib.sha256()
    with suppress(*_UNREADABLE), _package(workbook) as package:
        names = package.namelist()
        if len(set(names)) == len(names):
            for name in sorted(set(names) - {_CUSTOM}):
                _absorb(digest, package, name)
            if digest.hexdigest() == found.fingerprint:
                return "ours-untouched"
    return "ours-edited"


# ── text on its way out ─────────────────────────────────────────────────────────────────────────────────────────────

_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u061c\u2028\u2029]")
_RESERVED = re.compile(r"(?:CON|PRN|AUX|NUL|CLOCK\$|CONIN\$|CONOUT\$|(?:COM|LPT)[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*]+')
_BLANKS = re.compile(r"\s+")
_EDGES: Final = "._- ~$"
_NOT_IN_SHEETS = re.compile(r"[\[\]:*?/\\\t\n]")


def clean(text: str) -> str:
    r"""`text` as any workbook or document can hold it: no lone surrogates, no control characters but tab and newline.

    >>> clean("第一行\r\n第二行\x07\ud800")
    '第一行\n第二行'
    """
    if _UNSAFE.search(text):
        text = _UNSAFE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    # xlsxwriter takes a text from <r> to </r> for formatted runs of its own and writes it as markup; a blank behind it does not show.
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text


def printable(text: str) -> str:
    """`text` on one line for a terminal or a log: controls, line ends and direction marks are shown as escapes."""
    return "".join(c if c.isprintable() or c == "\u3000" else c.encode("unicode_escape").decode() for c in text)


def safe_name(text: str, *, characters: int = 30) -> str:
    r"""A file name without extension for any system, from text such as a unit's name.

    NFC, without `<>:"/\|?*`, controls and direction marks, not a device of Windows, at most 120 bytes. Where anything
    had to be dropped or cut, 8 digits of the text's SHA-256 keep two texts apart.

    >>> safe_name("萍乡市图书馆"), safe_name("../x")
    ('萍乡市图书馆', 'x-d6b96a97')
    """
    name = unicodedata.normalize("NFC", text)
    safe = unicodedata.normalize("NFC", _INVISIBLE.sub("", clean(name)))
    safe = _BLANKS.sub(" ", _NOT_IN_NAMES.sub("_", safe)).strip(_EDGES)[:characters]
    safe = safe.encode()[:108].decode("utf-8", "ignore").rstrip(_EDGES)
    if _RESERVED.match(safe):
        safe = f"_{safe}"
    if safe and safe == name:
        return safe
    suffix = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{safe}-{suffix}" if safe else suffix


def safe_sheet_name(text: str, taken: Iterable[str] = ()) -> str:
    """A sheet title Excel accepts, different from those in `taken` whatever the case: at most 31 UTF-16 units.

    >>> safe_sheet_name("预算/执行", ["预算_执行"])
    '预算_执行(2)'
    """
    base = _NOT_IN_SHEETS.sub("_", clean(text)).strip("' ") or "_"
    if base.casefold() == "history":
        base = f"{base}_"
    used = {title.casefold() for title in taken}
    title, number = _first_units(base, 31), 1
    while title.casefold() in used:
        number += 1
        suffix = f"({number})"
        title = _first_units(base, 31 - len(suffix)) + suffix
    return title


def _first_units(text: str, units: int) -> str:
    """The beginning of `text` in at most so many UTF-16 units, no pair cut in two."""
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore").rstrip("' ") or "_"


# ── one writer per folder ───────────────────────────────────────────────────────────────────────────────────────────


def _host() -> str:
    """This machine's name."""
    import socket  # brings ssl's neighbours along, and only a lock asks

    return socket.gethostname()


@contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold `folder` for one perfxl; raises `OutputError` `output-locked` while another one that is alive holds it.

    The lock of a process of this machine that has died is taken over; one of another machine after a day.
    """
    path = folder / _LOCK
    mine = json.dumps({"pid": os.getpid(), "host": _host(), "token": os.urandom(8).hex()})
    try:
        _take(path, mine)
    except OSError as error:
        raise _explained(error, path) from error
    try:
        yield
    finally:
        with suppress(OSError):
            if path.read_text("utf-8") == mine:
                path.unlink()


def _take(path: Path, mine: str) -> None:
    for _ in range(50):
        try:
            _create_whole(path, mine)
        except FileExistsError:
            held = _holder(path)
            if held is None:
                continue
            if held.alive:
                raise OutputError("output-locked", pid=held.pid) from None
            _discard(path, held.text)
        else:
            return
    raise OutputError("output-locked", pid="?")


def _create_whole(path: Path, mine: str) -> None:
    """Create the lock with its content at once: a hard link is as exclusive as O_EXCL and never seen half written."""
    temporary = path.with_name(f"{_MARK}{os.urandom(6).hex()}.tmp")
    try:
        temporary.write_text(mine, "utf-8")
        try:
            os.link(temporary, path)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            _create_exclusively(path, mine)
    finally:
        with suppress(OSError):
            temporary.unlink()


def _create_exclusively(path: Path, mine: str) -> None:
    """The same where no hard link can be made; one half written would hold the folder for a day, so it is taken away again."""
    with path.open("x", encoding="utf-8") as lock:
        try:
            lock.write(mine)
            lock.flush()
        except OSError:
            path.unlink()
            raise


def _discard(path: Path, text: str) -> None:
    """Remove a dead lock, but not the lock somebody else has put there since: rename first, then look."""
    aside = path.with_name(f"{_MARK}{os.urandom(6).hex()}.tmp")
    with suppress(OSError):
        path.rename(aside)
        if aside.read_text("utf-8") != text:
            with suppress(FileExistsError):
                os.link(aside, path)
        aside.unlink()


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: str
    alive: bool
    text: str


def _holder(path: Path) -> _Holder | None:
    """Who holds the lock; None if it has just been released."""
    try:
        text = path.read_text("utf-8", "replace")
        age = time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return None
    try:
        held = json.loads(text)
        pid, host = int(held["pid"]), str(held["host"])
    except (ValueError, TypeError, KeyError):
        return _Holder("?", age < _STALE, text)
    if host != _host():
        return _Holder(str(pid), age < _STALE, text)
    return _Holder(str(pid), _runs(pid), text)


def _runs(pid: int) -> bool:
    """Whether a process of this machine is alive."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        import ctypes

        handle = ctypes.windll.kernel32.OpenProcess(0x1000, 0, pid)
        if handle:
            ctypes.windll.kernel32.CloseHandle(handle)
        return bool(handle)
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
