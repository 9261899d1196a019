"""The application in a real window on a display of its own, for measuring. Not its business: the figures.

The same means as the end-to-end tests: Xvfb, openbox, tauri-driver, WebKitWebDriver; W3C WebDriver over urllib.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
DRIVER = ROOT / "node_modules/@crabnebula/tauri-driver/cli.js"
TICKS = os.sysconf("SC_CLK_TCK")
DEADLINE_S = 120


def until(what: str, look: Callable[[], object], within: float = DEADLINE_S, pause: float = 0.005) -> object:
    """Waits until `look` answers something true."""
    end = time.monotonic() + within
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise SystemExit(f"bench: waited {within:.0f} s for {what}")
        time.sleep(pause)


class Display:
    """Xvfb with a window manager and a message bus."""

    def __init__(self, folder: Path) -> None:
        self.children: list[subprocess.Popen[str]] = []
        number = self._first_line(["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"])
        self.environment = {"DISPLAY": f":{number}", "GDK_BACKEND": "x11", "NO_AT_BRIDGE": "1"}
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = self._first_line(
            ["dbus-daemon", "--session", "--nofork", "--print-address=1"]
        )
        home = {**os.environ, **self.environment, "HOME": str(folder)}
        quiet = subprocess.DEVNULL
        self.children.append(subprocess.Popen(["openbox"], env=home, stdout=quiet, stderr=quiet, text=True))

    def _first_line(self, command: list[str]) -> str:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.children.append(child)
        assert child.stdout is not None
        return child.stdout.readline().strip()

    def close(self) -> None:
        for child in reversed(self.children):
            child.kill()
            child.wait()


class App:
    """A running application; `home` is its home folder."""

    def __init__(self, display: Display, binary: Path, home: Path, extra: dict[str, str]) -> None:
        ports = [free_port(), free_port()]
        environment = {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            **display.environment,
            "COUNTERSIGN_HOME": str(home),
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            **extra,
        }
        self.log = (home / "driver.log").open("ab")
        self.driver = subprocess.Popen(
            ["node", str(DRIVER), "--port", str(ports[0]), "--native-port", str(ports[1])],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        self.port = ports[1]
        until("the driver", lambda: listens(ports[0]) and listens(ports[1]))
        wanted = {"browserName": "wry", "tauri:options": {"application": str(binary), "args": []}}
        answer = ask(ports[0], "POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.session = answer["value"]["sessionId"]
        self.binary = binary.resolve()
        until("the window", lambda: self.run("return !!document.querySelector('[data-testid=\"app\"][data-ready=\"true\"]')"))

    def run(self, script: str, *arguments: object) -> object:
        """Runs a function's body in the page."""
        return ask(self.port, "POST", f"/session/{self.session}/execute/sync", {"script": script, "args": arguments})["value"]

    def click(self, name: str) -> None:
        """A click as the page's own code sees one."""
        script = "const e = document.querySelector(arguments[0]); if (!e || e.disabled) return false; e.click(); return true;"
        until(f"a click on {name}", lambda: self.run(script, selector(name)))

    def process(self) -> int:
        for process in tree(self.driver.pid):
            try:
                if Path(f"/proc/{process}/exe").resolve() == self.binary:
                    return process
            except OSError:
                continue
        raise SystemExit("bench: the application is not running")

    def close(self) -> None:
        for process in tree(self.driver.pid):
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.driver.wait()
        self.log.close()


def selector(name: str) -> str:
    end = name.find("[") if "[" in name else len(name)
    return f'[data-testid="{name[:end]}"]{name[end:]}'


def ask(port: int, method: str, path: str, body: object) -> dict:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}",
        data=json.dumps(body).encode(),
        method=method,
        headers={"Content-Type": "application/json; charset=utf-8"},
    )
    try:
        with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise SystemExit(f"bench: {path}: {error.read().decode(errors='replace')}") from error


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def listens(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def stat(process: int) -> list[str]:
    """The fields behind the name: state, parent, …"""
    return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(stat(int(entry.name))[1])
            except (OSError, IndexError):
                continue
    found = [root]
    for parent in found:
        found.extend(child for child, of in parents.items() if of == parent)
    return found


def started(process: int) -> float:
    """When it was started, in seconds since 1970, to a clock tick."""
    since_boot = int(stat(process)[19]) / TICKS
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + since_boot


def cpu_seconds(processes: list[int]) -> float:
    total = 0
    for process in processes:
        try:
            fields = stat(process)
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def pss_mib(processes: list[int]) -> float:
    """Memory, with what is shared counted once."""
    total = 0
    for process in processes:
        try:
            lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024
