"""The figures as Markdown, with the targets beside them. Not its business: measuring."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from run import Measured

STAGES = ["open", "review", "prepare", "token", "embed", "record", "sync"]


def markdown(facts: dict[str, str], measured: list[Measured], batches: dict[str, dict[str, float]]) -> str:
    """The whole report."""
    parts = ["# Bench", "", *(f"- {name}: {value}" for name, value in facts.items()), ""]
    if measured:
        parts += [
            "One invisible PAdES B-B signature, RSA 2048 and SHA-256 on the same SoftHSM2 token, one process per run, in turn;",
            "median of the whole process, warm files. Floor: `openssl dgst -sha256`, `cp` and `sync` of the same file.",
            "Countersign stores the file on the device before it ends, pyHanko does not.",
            "",
            *files(measured),
            "",
            "Memory at most, MiB: all resident pages (the mapped file and the libraries count), and the anonymous ones.",
            "",
            *memory(measured),
            "",
            "Countersign's own stages, milliseconds, medians. `sync` (fsync of file and folder) is a part of `embed`; `token` is the",
            "session, the login, C_Sign and the check of its output; starting the process and loading the module come before.",
            "",
            *stages(measured),
            "",
        ]
    if batches:
        parts += [
            "200 files of one page in one invocation; milliseconds for each file, medians. Raw: a process that loads the module,",
            "logs in and calls C_Sign 200 times. Own: the whole process less raw and less the time of fsync.",
            "",
            *batch(batches),
            "",
        ]
    return "\n".join([*parts, *targets(measured, batches), ""])


def rows(head: list[str], body: list[list[str]]) -> list[str]:
    line = lambda cells: f"| {' | '.join(cells)} |"  # noqa: E731
    return [line(head), line(["---", *["---:"] * (len(head) - 1)]), *map(line, body)]


def seconds(measured: Measured) -> dict[str, float]:
    return {name: statistics.median(took) for name, took in measured.seconds.items()}


def files(measured: list[Measured]) -> list[str]:
    body = []
    for one in measured:
        took = seconds(one)
        body.append(
            [
                one.case.name,
                f"{one.size:,}",
                *(f"{1000 * took[name]:,.1f}" for name in ("ours", "peer", "floor")),
                f"{took['ours'] / took['peer']:.3f}",
                f"{took['ours'] / took['floor']:.2f}",
            ]
        )
    head = ["File", "Octets", "Countersign ms", "pyHanko API ms", "Floor ms", "of pyHanko", "of the floor"]
    return rows(head, body)


def memory(measured: list[Measured]) -> list[str]:
    body = []
    for one in measured:
        looks = (one.memory["ours"].rss, one.memory["ours"].anon, one.memory["peer"].rss, one.memory["peer"].anon)
        body.append([one.case.name, *(f"{look:,.1f}" for look in looks)])
    return rows(["File", "Countersign RSS", "anonymous", "pyHanko RSS", "anonymous"], body)


def stage(one: Measured, name: str) -> float:
    return statistics.median(stages[name] for stages in one.stages)


def stages(measured: list[Measured]) -> list[str]:
    body = [[one.case.name, *(f"{stage(one, name):,.2f}" for name in STAGES)] for one in measured]
    return rows(["File", *STAGES], body)


def batch(batches: dict[str, dict[str, float]]) -> list[str]:
    places = {"disk": "disk", "memory": "/dev/shm"}
    names = ("wall", "raw", "sign", "sync", "own")
    body = [[places[place], *(f"{figures[name]:.3f}" for name in names)] for place, figures in batches.items()]
    return rows(["On", "Countersign", "Raw", "of it C_Sign", "fsync", "Own"], body)


def beyond_token(one: Measured) -> float:
    """From the approval to the finished file, without the token and the device."""
    return statistics.median(
        stages["prepare"] + stages["embed"] + stages["record"] - stages["sync"] for stages in one.stages
    )


def targets(measured: list[Measured], batches: dict[str, dict[str, float]]) -> list[str]:
    """What was to be reached, and whether it was."""
    body: list[list[str]] = []

    def row(what: str, most: float, unit: str, found: float, digits: int) -> None:
        body.append([what, f"{most:g} {unit}".strip(), f"{found:.{digits}f}", "yes" if found <= most else "**no**"])

    for one in measured:
        took = seconds(one)
        name = one.case.name
        if name == "1 page":
            row(f"{name}: whole process, of pyHanko's API", 0.03, "", took["ours"] / took["peer"], 3)
        if name == "105 MB":
            row(f"{name}: whole process, of pyHanko's API", 0.25, "", took["ours"] / took["peer"], 3)
            row(f"{name}: whole process, of the floor", 1.5, "", took["ours"] / took["floor"], 2)
        if name in ("105 MB", "1 GB"):
            row(f"{name}: anonymous memory", 8, "MiB", one.memory["ours"].anon, 1)
        if name == "1 GB":
            row(f"{name}: approval to finished file, without token and fsync", 20, "ms", beyond_token(one), 1)
    for place, figures in batches.items():
        where = "on disk" if place == "disk" else "in /dev/shm"
        row(f"batch {where}: own time for each file", 1, "ms", figures["own"], 3)
    if not body:
        return []
    return rows(["Target", "At most", "Measured", "Reached"], body)
