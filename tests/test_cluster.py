from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from inbox import MIXED, folder, intake
from test_consolidate_engine import digest, fates

from perfxl.consolidation import engine
from perfxl.consolidation.assembly import consolidate
from perfxl.consolidation.engine import ConsolidateOptions
from perfxl.jobs.consolidate import Products, run
from perfxl.model import PerfxlError

pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")


FORMS = {path.name: path.read_bytes() for path in sorted((Path(__file__).parent.parent / "samples" / "forms").iterdir()) if path.suffix != ".json"}
"""An official form of each container, an archive among them."""


class LocalCluster:
    """A real scheduler and two real workers on loopback, each a process of its own."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        file = scratch / "scheduler.json"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        environment = {**os.environ, "PYTHONPATH": str(Path(engine.__file__).parent.parent.parent), "DASK_DISTRIBUTED__WORKER__DAEMON": "True"}
        self.scheduler = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "distributed.cli.dask_scheduler",
                "--host",
                "127.0.0.1",
                "--port",
                "0",
                "--no-dashboard",
                "--scheduler-file",
                str(file),
            ],
            env=environment,
            **quiet,
        )  # type: ignore[call-overload]
        began = time.monotonic()
        while not file.exists() and time.monotonic() - began < 60:
            time.sleep(0.05)
        import json

        self.address = json.loads(file.read_text())["address"]
        self.workers = [
            subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "distributed.cli.dask_worker",
                    self.address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--no-dashboard",
                    "--local-directory",
                    str(scratch / f"w{i}"),
                ],
                env=environment,
                **quiet,
            )  # type: ignore[call-overload]
            for i in range(2)
        ]

    def close(self) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    made = LocalCluster(tmp_path_factory.mktemp("dask"))
    yield made
    made.close()


def test_cluster_gives_the_same_frames_as_this_machine(tmp_path: Path, cluster: LocalCluster) -> None:
    inbox = folder(tmp_path / "inbox", MIXED | FORMS)
    assert digest(consolidate([inbox], ConsolidateOptions(cluster=cluster.address))) == digest(consolidate([inbox]))


def test_cluster_and_workers_of_this_machine_write_the_same_bytes(tmp_path: Path, cluster: LocalCluster) -> None:
    inbox = folder(tmp_path / "inbox", {**MIXED, **FORMS, "open.xlsx": intake("戊馆", actual=None)})
    written = set()
    for name, options in (
        ("cluster", ConsolidateOptions(cluster=cluster.address)),
        ("workers", ConsolidateOptions(workers=2)),
        ("here", ConsolidateOptions()),
    ):
        run([inbox], Products(tmp_path / f"{name}.xlsx", parquet=tmp_path / name, letters=tmp_path / f"{name}-letters"), options)
        products = [tmp_path / f"{name}.xlsx", *sorted((tmp_path / name).iterdir()), *sorted((tmp_path / f"{name}-letters").glob("*/*"))]
        written.add(tuple(hashlib.sha256(path.read_bytes()).hexdigest() for path in products))
    assert len(written) == 1
    assert len(written.pop()) > 8


def test_worker_killed_in_the_middle_changes_nothing(tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = folder(tmp_path / "inbox", {f"{i:03}.xlsx": intake(f"馆{i}") for i in range(40)})
    expected = digest(consolidate([inbox]))
    monkeypatch.setattr("perfxl.consolidation.engine.CHUNK_FILES", 2)
    killed = threading.Event()

    def kill(done: int, total: int) -> None:
        if done >= 4 and not killed.is_set():
            killed.set()
            cluster.workers[0].send_signal(signal.SIGKILL)

    c = consolidate([inbox], ConsolidateOptions(cluster=cluster.address), kill)
    assert killed.is_set()
    assert set(fates(c).values()) == {("accepted", "")}
    assert digest(c) == expected


def test_no_scheduler_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("perfxl.consolidation.cluster.CONNECT_SECONDS", 0.5)
    with pytest.raises(PerfxlError, match="连不上集群"):
        consolidate([Path(__file__).parent / "data"], ConsolidateOptions(cluster="tcp://127.0.0.1:9"))


def test_another_perfxl_on_the_cluster_is_refused(tmp_path: Path, cluster: LocalCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = folder(tmp_path / "inbox", {"a.xlsx": intake()})
    monkeypatch.setattr("perfxl.consolidation.cluster.code_fingerprint", lambda: "another")
    with pytest.raises(PerfxlError, match="同一版本"):
        consolidate([inbox], ConsolidateOptions(cluster=cluster.address))
