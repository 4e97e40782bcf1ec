"""bundle: perfxl for a PC where nothing may be installed."""

from __future__ import annotations

from pathlib import Path

import click

from perfxl.cli import DONE, cli, show
from perfxl.cli.language import say


@cli.command(
    help=say(
        "做成一个文件夹，拷到没有装 Python 的 Windows 电脑上就能用：把表拖到“评分.bat”上。要能访问软件包索引。\n\n"
        "示例：perfxl bundle --windows 评分工具",
        "Make a folder that scores on a Windows PC without Python: drop workbooks on 评分.bat. Needs a package index.\n\n"
        "Example: perfxl bundle --windows DIR",
    )
)
@click.option(
    "--windows", "folder", required=True, type=click.Path(path_type=Path), metavar="DIR", help=say("放到这个文件夹。", "The folder to fill.")
)
def bundle(folder: Path) -> int:
    """Make the Windows folder."""
    from perfxl.jobs.bundle import EMBEDDED, bundle_windows

    made = bundle_windows(folder)
    show(
        say(
            f"{made.folder}：{len(made.wheels)} 个组件，{made.size / 1e6:.0f} MB。还要放进一个文件：{EMBEDDED}（见“安装说明.txt”）。",
            f"{made.folder}: {len(made.wheels)} wheels, {made.size / 1e6:.0f} MB. One file is still to be added: {EMBEDDED} (see 安装说明.txt).",
        )
    )
    return DONE
