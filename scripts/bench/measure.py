"""One process, measured: wall time by spawn and wait, memory by looking at /proc while it runs.

Time and memory are taken in runs of their own, because looking disturbs short runs.
Not its business: what is run.
"""

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path


class Failed(Exception):
    """A measured program did not end with status 0."""


def wall(command: list[str], env: dict[str, str], output: Path | None = None) -> float:
    """Runs it and gives seconds. Its standard output goes to a file, or nowhere."""
    target = str(output) if output else os.devnull
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
    ]
    begun = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - begun
    check(command, os.waitstatus_to_exitcode(status))
    return took


def check(command: list[str], code: int) -> None:
    if code != 0:
        raise Failed(f"status {code}: {' '.join(command[:4])} …")


@dataclass(frozen=True)
class Memory:
    """MiB at most: all resident pages, and the anonymous ones (what the program itself asked for)."""

    rss: float
    anon: float


def memory(command: list[str], env: dict[str, str]) -> Memory:
    """Runs it and looks as often as one processor can. VmHWM is kept by the kernel; RssAnon is sampled."""
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    peak = {"VmHWM": 0, "RssAnon": 0}

    def look() -> None:
        path = f"/proc/{process.pid}/status"
        with open(path, "rb", buffering=0) as status:
            while True:
                status.seek(0)
                try:
                    text = status.read(4096).decode()
                except ProcessLookupError:
                    return
                found = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
                if "VmHWM" not in found:
                    return
                for key in peak:
                    peak[key] = max(peak[key], int(found[key].split()[0]))

    thread = threading.Thread(target=look)
    thread.start()
    code = process.wait()
    thread.join()
    check(command, code)
    return Memory(peak["VmHWM"] / 1024, peak["RssAnon"] / 1024)
