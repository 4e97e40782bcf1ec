"""`perfxl bundle --windows`: a folder that scores on a Windows PC without Python and without the right to install.

Wheels of a pinned Python, a batch file to drop workbooks on, and a note saying which one file to add. Built and checked here;
what only Windows can show is said in the note of the job, never claimed.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import importlib
import importlib.util
import re
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from perfxl.model import PerfxlError
from perfxl.model.version import __version__
from perfxl.output import make_folder, write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

PYTHON = "3.12.10"
"""The last 3.12 with an embeddable package; every dependency has a wheel for it."""
TAG = "312"
EMBEDDED = f"python-{PYTHON}-embed-amd64.zip"
UNPACKED = EMBEDDED.removesuffix(".zip")
"""The folder it is unpacked into; one that a person has unpacked is as good."""
WHEELS, BATCH, NOTE, SITE = "wheels", "评分.bat", "安装说明.txt", "site"
ROOT = Path(__file__).parents[1]
ONLY_ON_WINDOWS = ("colorama", "tzdata")
"""What dependencies ask for on Windows alone: pip looks at this machine's markers when it downloads for another."""
_WINDOWS = {
    "os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64", "platform_release": "10",
    "platform_version": "10",
    "python_version": PYTHON.rpartition(".")[0], "python_full_version": PYTHON, "implementation_name": "cpython", "implementation_version": PYTHON,
    "platform_python_implementation": "CPython", "extra": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bundle:
    """What was made: the folder, its wheels, their size in bytes."""

    folder: Path
    wheels: tuple[str, ...]
    size: int


def bundle_windows(folder: Path) -> Bundle:
    """Fill `folder`, new, empty or an earlier bundle, with everything but the one file that Python's own site gives.

    Raises:
        PerfxlError: the folder holds other things, the package index cannot be reached, or a wheel is missing.
    """
    _refuse_what_is_no_place(folder)
    with tempfile.TemporaryDirectory() as fetched:
        _fetch(Path(fetched))
        (Path(fetched) / own_wheel_name()).write_bytes(own_wheel())
        wheels = sorted(Path(fetched).glob("*.whl"))
        if lacking := [*missing_from(wheels), *sorted(imported() - provided(wheels))]:
            raise PerfxlError(
                f"缺少组件：{'、'.join(lacking)}。请换一个网络再运行一次；还是这样的，请把这一行交给维护者。",
                en=f"Wheels missing: {', '.join(lacking)}. Try another network; else pass this line to the maintainers.",
            )
        make_folder(folder / WHEELS)
        for old in (folder / WHEELS).glob("*.whl"):
            old.unlink(missing_ok=True)
        contents = {wheel.name: wheel.read_bytes() for wheel in wheels}
        for name, content in contents.items():
            write_whole(folder / WHEELS / name, content)
    write_whole(folder / BATCH, batch_file(contents))
    write_whole(folder / NOTE, note(list(contents)))
    return Bundle(folder, tuple(contents), sum(map(len, contents.values())))


def _refuse_what_is_no_place(folder: Path) -> None:
    """A bundle goes into a folder of its own, and what it is made with must be there."""
    if file := next((path for path in (folder, *folder.parents) if path.exists() and not path.is_dir()), None):
        raise PerfxlError(
            f"“{file}”是一个文件，不是文件夹。请指定一个新的文件夹，例如：perfxl bundle --windows 评分工具",
            en=f"{file} is a file. Name a new folder, such as: perfxl bundle --windows DIR",
        )
    own = (WHEELS, BATCH, NOTE, SITE, "python")
    if folder.exists() and any(path.name not in own and not path.name.startswith(UNPACKED) for path in folder.iterdir()):
        raise PerfxlError(f"“{folder}”里有别的内容。请指定一个新的或空的文件夹。", en=f"{folder} holds other things. Name a new or empty folder.")
    if importlib.util.find_spec("pip") is None:
        raise PerfxlError(
            "这个 Python 没有 pip，不能下载组件。请先运行 python -m ensurepip，再运行一次。",
            en="This Python has no pip. Run python -m ensurepip first.",
        )


def declared() -> tuple[list[str], dict[str, list[str]]]:
    """What perfxl needs and what its extras need: as the checkout it runs from says, else as it was installed."""
    project = ROOT.parent / "pyproject.toml"
    if project.is_file():
        found = tomllib.loads(project.read_text("utf-8")).get("project", {})
        if found.get("name") == "perfxl":
            return list(found["dependencies"]), {name: list(needs) for name, needs in found["optional-dependencies"].items()}
    needed: list[str] = []
    extras: dict[str, list[str]] = {}
    for listed in metadata.requires("perfxl") or ():
        extra = re.search(r"extra == ['\"]([^'\"]+)['\"]", listed)
        (extras.setdefault(extra[1], []) if extra else needed).append(listed.partition(";")[0].strip() if extra else listed)
    return needed, extras


def requirements() -> list[str]:
    """What perfxl needs, with the fast reader; extras otherwise left out."""
    needed, extras = declared()
    return [*needed, *extras.get("fast", ()), *ONLY_ON_WINDOWS]


def imported() -> set[str]:
    """The packages outside Python's own library that some module of perfxl imports, those of extras left out."""
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module)
    extras = {re.split(r"[^A-Za-z0-9_]", need)[0] for name in ("parquet", "cluster") for need in declared()[1].get(name, ())}
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names - extras - {"perfxl"}


def provided(wheels: Iterable[Path]) -> set[str]:
    """The names that can be imported from some wheels."""
    found: set[str] = set()
    for wheel in wheels:
        with ZipFile(wheel) as archive:
            found.update(name.partition("/")[0].partition(".")[0] for name in archive.namelist() if ".dist-info/" not in name)
    return found


def _fetch(folder: Path) -> None:
    """Wheels of every requirement for the pinned Python, from the package index pip is set up for."""
    target = [
        "--platform",
        "win_amd64",
        "--python-version",
        PYTHON,
        "--implementation",
        "cp",
        *(f"--abi={abi}" for abi in (f"cp{TAG}", "abi3", "none")),
    ]
    quiet = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    command = [sys.executable, "-m", "pip", "download", "--dest", str(folder), *quiet, *target, *requirements()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # a fixed command and our own requirements
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        last = next((line for line in reversed(said) if line.startswith("ERROR")), said[-1] if said else "pip download")
        raise PerfxlError(
            "下载组件失败：没有从软件包索引取到需要的组件。请检查这台电脑能不能上网（单位有内部镜像的，先在 pip 里设好），"
            "或换一台能上网的电脑，再运行一次。",
            en=f"Could not fetch the wheels: {last}. Check the network, or the index pip is set up for, and run again.",
        )


def _headers(wheel: Path) -> Any:
    with ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        return HeaderParser().parsestr(archive.read(name).decode("utf-8"))


def canonical(name: str) -> str:
    """A distribution's name as indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def missing_from(wheels: Iterable[Path]) -> list[str]:
    """Distributions that some wheel asks for on Windows and that are not among the wheels; wheels of another platform by their file name."""
    marker = importlib.import_module("pip._vendor.packaging.markers").Marker
    headers = {wheel: _headers(wheel) for wheel in wheels}
    there = {canonical(h["Name"]) for h in headers.values()}
    lacking = set()
    for wheel, header in headers.items():
        if not re.search(rf"-(?:py3|py2\.py3)-none-any\.whl$|-(?:cp{TAG}-cp{TAG}|cp3(?:[2-9]|1[0-2])-abi3)-win_amd64\.whl$", wheel.name):
            lacking.add(f"{wheel.name}（不是 Windows 64 位 Python {PYTHON} 的组件）")
        for required in header.get_all("Requires-Dist") or ():
            name, _, condition = required.partition(";")
            if condition.strip() and not marker(condition.strip()).evaluate(_WINDOWS):
                continue
            found = re.match(r"[A-Za-z0-9._-]+", name.strip())
            if found and canonical(found[0]) not in there:
                lacking.add(found[0])
    return sorted(lacking)


def own_wheel_name() -> str:
    """The file name of perfxl's own wheel."""
    return f"perfxl-{__version__}-py3-none-any.whl"


def own_wheel() -> bytes:
    """Perfxl itself as a wheel, from the files that run here."""
    from io import BytesIO

    info = f"perfxl-{__version__}.dist-info"
    head = [f"Metadata-Version: 2.1\nName: perfxl\nVersion: {__version__}", *(f"Requires-Dist: {need}" for need in declared()[0])]
    files = {
        f"perfxl/{p.relative_to(ROOT).as_posix()}": p.read_bytes() for p in sorted(ROOT.rglob("*")) if p.is_file() and "__pycache__" not in p.parts
    }
    files[f"{info}/METADATA"] = ("\n".join(head) + "\n").encode()
    files[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: perfxl\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    files[f"{info}/entry_points.txt"] = b"[console_scripts]\nperfxl = perfxl.__main__:main\n"
    record = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = ("\n".join([*record, f"{info}/RECORD,,"]) + "\n").encode()
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, ZIP_DEFLATED)
    return made.getvalue()


def _digest(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()


_BATCH = r"""@echo off
rem 把填报表、自评表或整个文件夹拖到本文件上松开。
chcp 936 >nul
setlocal
set "HERE=%~dp0"
set "ZIP="
set "PYDIR=%HERE%{python}"
for %%Z in ("%HERE%{python}*.zip") do set "ZIP=%%~fZ"
for /d %%D in ("%HERE%{python}*") do if exist "%%~fD\python.exe" set "PYDIR=%%~fD"
set "PY=%PYDIR%\python.exe"
set "READY=%HERE%site\{ready}"
set "PYTHONUTF8=1"
title perfxl 绩效自评评分
if "%~1"=="" goto nothing
if exist "%READY%" if exist "%PY%" goto ready
if not exist "%PY%" if not defined ZIP goto missing
echo 第一次使用或换了新版本，正在准备，约需一分钟，请不要关闭窗口……
if exist "%HERE%site" rmdir /s /q "%HERE%site"
if exist "%HERE%site" goto busy
if exist "%PY%" goto unpacked
if not exist "%PYDIR%" mkdir "%PYDIR%"
tar -xf "%ZIP%" -C "%PYDIR%" 2>nul
if not exist "%PY%" powershell -NoProfile -Command "Expand-Archive -Force -LiteralPath $env:ZIP -DestinationPath $env:PYDIR"
if not exist "%PY%" goto broken
:unpacked
> "%PYDIR%\python{tag}._pth" (
echo python{tag}.zip
echo .
echo ..\site
)
for %%W in ({wheels}) do "%PY%" -m zipfile -e "%HERE%wheels\%%W" "%HERE%site" || goto broken
> "%READY%" echo {version}
if not exist "%READY%" goto broken
:ready
if not exist "%~1" goto unknown
"%PY%" -m perfxl score --open %*
if errorlevel 2 goto failed
if errorlevel 1 goto partly
if not errorlevel 0 goto failed
echo.
echo 评分完成。结果保存在原文件旁边，名称后面带“_评分结果”；只有一份时已经打开。
goto done
:nothing
echo 请把填报表、自评表（.xlsx .xls .docx）或整个文件夹拖到“评分.bat”上松开。
goto done
:unknown
echo 找不到这个文件：%1
echo 文件名或文件夹名里有 ^& 等符号的，请先改名再拖。
goto done
:missing
echo 还缺一个文件：{embedded}
echo 请按“安装说明.txt”的第 1 步放到本文件夹里，再试一次。
goto done
:busy
echo 旧的版本正在使用。请关掉别的评分窗口，再试一次。
goto done
:broken
echo 准备没有完成。请删除本文件夹里的 {python} 和 site 两个文件夹（不是 .zip），再试一次；
echo 仍不行的，请把整个文件夹重新拷一份到桌面或 D 盘（路径里不要有特殊字符）后再试。
goto done
:partly
echo.
echo 有文件没有评分，请看上面的说明；评了的，结果保存在原文件旁边。
goto done
:failed
echo.
echo 没有评分。请看上面的说明，改正后再拖一次。
:done
echo.
pause
"""


def ready_name(wheels: Mapping[str, bytes]) -> str:
    """The file that says what is unpacked: of other wheels it has another name, so that a newer folder laid over an older is unpacked again."""
    listed = "".join(f"{name} {hashlib.sha256(content).hexdigest()}\n" for name, content in sorted(wheels.items()))
    return f"ready-{__version__}-{hashlib.sha256(listed.encode()).hexdigest()[:8]}.txt"


def batch_file(wheels: Mapping[str, bytes]) -> bytes:
    """评分.bat as a Chinese Windows reads it: GBK, CRLF. It unpacks its own wheels by name; others of an older folder stay where they are."""
    words = {"embedded": EMBEDDED, "python": UNPACKED, "tag": TAG, "ready": ready_name(wheels), "version": __version__, "wheels": " ".join(wheels)}
    text = re.sub(r"\{(\w+)\}", lambda found: words[found[1]], _BATCH)
    return text.replace("\n", "\r\n").encode("gbk")


def note(wheels: Sequence[str]) -> bytes:
    """安装说明.txt: which one file to add and where, what to do then. UTF-8 with a mark, CRLF: every Notepad reads it."""
    lines = [
        f"perfxl {__version__}　绩效自评评分（Windows 10/11，64 位；不用安装，不要管理员权限）",
        "",
        "一、只要再放一个文件",
        f"  1. 在能上网的电脑上打开 https://www.python.org/downloads/release/python-{PYTHON.replace('.', '')}/",
        f"     下载 “Windows embeddable package (64-bit)”，文件名是 {EMBEDDED}（约 11 MB）。",
        "     把它放进本文件夹（与“评分.bat”在一起），不用解压；浏览器在名称里加了“(1)”的，不用改名。",
        "  2. 把整个文件夹复制到办公电脑上，例如 D:\\perfxl。",
        "",
        "二、怎样用",
        "  把填报表、自评表（.xlsx .xls .docx）或整个文件夹拖到“评分.bat”上松开。",
        "  第一次会准备一分钟左右；以后几秒钟就出结果，保存在原文件旁边；只有一份时自动打开。",
        "  文件名和文件夹名里不要有 & ^ % 这些符号；有的请先改名。",
        "",
        "三、换成新版本",
        "  把新的文件夹里的内容拷过来，覆盖旧的，再拖一次表，会自动换成新的（要等一分钟左右）。",
        f"  上面那个 {EMBEDDED} 已经在文件夹里的，不用再下载；提示还缺一个文件的，按第一步再放一次。",
        "",
        "四、没有出结果时",
        f"  窗口里会写明缺什么、在哪个单元格、怎样改。准备没有完成的，删除 {UNPACKED} 和 site 两个文件夹（不是 .zip）再试。",
        "  杀毒软件拦截“评分.bat”的，请单位信息员把本文件夹加入信任。",
        "",
        f"五、文件夹里的组件（{len(wheels)} 个，都来自公开的软件包索引）",
        *(f"  {name}" for name in wheels),
    ]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")
