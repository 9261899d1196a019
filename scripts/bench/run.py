"""`make bench`: one signature on files of four sizes beside pyHanko's API and the floor, and a batch beside raw C_Sign.

Everything is made anew in a scratch folder and removed afterwards; the table goes to the terminal and to target/bench.md.
Programs take turns (A B C A B C …) in one run, on warm files; medians. Usage: run.py [--runs N] [--only CASE]…
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import inputs
import machine
import measure
import table
import softtoken

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = TARGET / "release" / "countersign"
RAW = TARGET / "release" / "examples" / "raw_sign"
MIB = 1024 * 1024
BATCH = 200


@dataclass(frozen=True)
class Case:
    name: str
    pages: int
    text: int
    image: int
    runs: int


CASES = [
    Case("1 page", 1, 4200, 0, 21),
    Case("100 pages", 100, 4200, 0, 15),
    Case("105 MB", 100, 4200, 1_050_000, 9),
    Case("1 GB", 100, 4200, 10_240_000, 5),
]


@dataclass
class Measured:
    """Seconds of each run by program, memory by program, our own stage timings."""

    case: Case
    size: int
    seconds: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "peer": [], "floor": []})
    memory: dict[str, measure.Memory] = field(default_factory=dict)
    stages: list[dict[str, float]] = field(default_factory=list)


class Bench:
    """The programs with what they need: token, folder, environment."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.token = softtoken.create(scratch / "token")
        self.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(scratch),
            "LANG": "C.UTF-8",
            "SOFTHSM2_CONF": str(self.token.conf),
        }

    def ours(self, files: list[Path], out: list[str], home: Path) -> list[str]:
        return [
            str(PROGRAM), "--home", str(home), "--json", "sign", *map(str, files), *out, "--credential", self.token.uri,
            "--level", "B-B", "--chain", str(self.token.issuer), "--no-submit", "--yes", "--pin-from", f"file:{self.token.pin_file}",
        ]  # fmt: skip

    def peer(self, source: Path, target: Path) -> list[str]:
        token = self.token
        return [
            sys.executable, str(Path(__file__).with_name("peer.py")), token.module, softtoken.LABEL, softtoken.KEY,
            str(token.pin_file), str(token.issuer), str(source), str(target),
        ]  # fmt: skip

    def raw(self, count: int) -> list[str]:
        token = self.token
        return [str(RAW), token.module, softtoken.LABEL, softtoken.KEY, str(token.pin_file), str(count)]

    def floor(self, source: Path, target: Path) -> float:
        steps = [["openssl", "dgst", "-sha256", str(source)], ["cp", str(source), str(target)], ["sync", str(target)]]
        return sum(measure.wall(step, self.env) for step in steps)

    def one(self, case: Case, runs: int) -> Measured:
        """One case: all programs in turn, then each once more for its memory, then the result judged."""
        source = self.scratch / "input.pdf"
        measured = Measured(case, inputs.contract(source, case.pages, case.text, case.image))
        subprocess.run(["sync", str(source)], check=True)
        warm(source)
        target, answer, home = self.scratch / "output.pdf", self.scratch / "answer.json", self.scratch / "home"
        ours = self.ours([source], ["-o", str(target)], home)
        peer = self.peer(source, target)
        for turn in range(runs + 1):
            seconds = {}
            for name in ("ours", "peer", "floor"):
                target.unlink(missing_ok=True)
                # What an earlier run left to be written must not be this one's burden.
                os.sync()
                if name == "floor":
                    seconds[name] = self.floor(source, target)
                else:
                    command = ours if name == "ours" else peer
                    seconds[name] = measure.wall(command, self.env, answer if name == "ours" else None)
                if name == "ours" and turn == 0:
                    judge(target, self.token.issuer)
            # The first turn warms files, libraries and the store.
            if turn:
                for name, took in seconds.items():
                    measured.seconds[name].append(took)
                measured.stages.append(json.loads(answer.read_text())["results"][0]["timings_ms"])
        for name, command in (("ours", ours), ("peer", peer)):
            target.unlink(missing_ok=True)
            looks = []
            for _ in range(3):
                target.unlink(missing_ok=True)
                looks.append(measure.memory(command, self.env))
            measured.memory[name] = measure.Memory(max(look.rss for look in looks), max(look.anon for look in looks))
        target.unlink()
        source.unlink()
        return measured

    def batch(self, folder: Path, runs: int) -> dict[str, float]:
        """200 files of one page in one invocation, in turn with the token alone; medians, in milliseconds for each file."""
        with tempfile.TemporaryDirectory(dir=folder, prefix="countersign-bench-") as name:
            place = Path(name)
            (place / "in").mkdir()
            files = [place / "in" / f"contract-{number:03}.pdf" for number in range(BATCH)]
            for number, file in enumerate(files):
                inputs.contract(file, 1, 4200 + number)
            walls, raws, syncs, signs, own = [], [], [], [], []
            for turn in range(runs + 1):
                out = place / f"out{turn}"
                out.mkdir()
                os.sync()
                answer = place / "answer.json"
                wall = 1000 * measure.wall(self.ours(files, ["--out-dir", str(out)], place / "home"), self.env, answer)
                results = json.loads(answer.read_text())["results"]
                assert len(results) == BATCH and len(list(out.iterdir())) == BATCH
                if turn == 0:
                    judge(out / files[0].name, self.token.issuer)
                raw = 1000 * measure.wall(self.raw(BATCH), self.env, answer)
                signed = json.loads(answer.read_text())
                shutil.rmtree(out)
                if turn:
                    sync = sum(result["timings_ms"]["sync"] for result in results)
                    walls.append(wall / BATCH)
                    raws.append(raw / BATCH)
                    syncs.append(sync / BATCH)
                    signs.append(signed["sign"] / BATCH)
                    own.append((wall - raw - sync) / BATCH)
            names = ("wall", "raw", "sync", "sign", "own")
            return {name: statistics.median(values) for name, values in zip(names, (walls, raws, syncs, signs, own))}


def warm(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(4 * MIB):
            pass


def judge(path: Path, issuer: Path) -> None:
    """A fast signature that is not valid is worth nothing: pyHanko looks at one result of each kind."""
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    with path.open("rb") as file:
        (signature,) = PdfFileReader(file).embedded_signatures
        context = ValidationContext(trust_roots=[load_cert_from_pemder(issuer)])
        status = validate_pdf_signature(signature, context)
        if not status.bottom_line:
            raise SystemExit(f"bench: pyHanko does not accept {path.name}: {status.summary()}")


def room(folder: Path, needed: int) -> bool:
    return shutil.disk_usage(folder).free > needed


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, help="runs of each program, instead of each case's own number")
    parser.add_argument("--only", action="append", help="cases by name, or 'batch'")
    parser.add_argument("--scratch", type=Path, default=TARGET, help="folder on the disk that is measured")
    arguments = parser.parse_args()
    wanted = lambda name: arguments.only is None or name in arguments.only  # noqa: E731
    arguments.scratch.mkdir(parents=True, exist_ok=True)
    facts = machine.facts(arguments.scratch)
    largest = max((case.pages * case.image for case in CASES if wanted(case.name)), default=0)
    # Input, output and the page cache's word for it; signed files are removed after each run.
    if not room(arguments.scratch, 3 * largest + 500 * MIB):
        raise SystemExit(f"bench: {arguments.scratch} needs {(3 * largest + 500 * MIB) // MIB} MiB free")
    measured: list[Measured] = []
    batches: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory(dir=arguments.scratch, prefix="bench-") as scratch:
        bench = Bench(Path(scratch))
        for case in filter(lambda case: wanted(case.name), CASES):
            print(f"bench: {case.name} …", file=sys.stderr)
            measured.append(bench.one(case, arguments.runs or case.runs))
        if wanted("batch"):
            print(f"bench: batch of {BATCH} …", file=sys.stderr)
            batches["disk"] = bench.batch(arguments.scratch, arguments.runs or 7)
            memory = Path("/dev/shm")
            if memory.is_dir() and os.access(memory, os.W_OK) and room(memory, 100 * MIB):
                batches["memory"] = bench.batch(memory, arguments.runs or 7)
    text = table.markdown(facts, measured, batches)
    print(text)
    if arguments.only is None:
        (TARGET / "bench.md").write_text(text)
        print(f"bench: also in {TARGET / 'bench.md'}", file=sys.stderr)


if __name__ == "__main__":
    main()
