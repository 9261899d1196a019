"""What the figures were measured on. Not its business: the figures."""

import os
import platform
import subprocess
from datetime import datetime, timezone
from pathlib import Path


def facts(folder: Path) -> dict[str, str]:
    """Date, processor, kernel, and the device below `folder`."""
    return {
        "Date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "Processor": f"{processor()}, {os.cpu_count()} cores",
        "Memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "System": f"{release()}, Linux {platform.release()}",
        "Disk": disk(folder),
        "Load before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
    }


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def release() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        return platform.system()


def disk(folder: Path) -> str:
    done = subprocess.run(
        ["findmnt", "-n", "-o", "SOURCE,FSTYPE", "--target", str(folder)], capture_output=True, text=True, check=False
    )
    source, _, kind = done.stdout.strip().partition(" ")
    name = Path(source).name
    words = [kind.strip() or "unknown file system"]
    block = Path("/sys/class/block") / name
    if name.startswith("vd"):
        # What lies below a virtual disk is not told; what it says of rotating is a guess of the host.
        words.append("virtual (virtio)")
    else:
        # A partition's queue is that of the whole disk.
        for queue in (block / "queue", block.resolve().parent / "queue"):
            rotational = queue / "rotational"
            if rotational.is_file():
                words.append("rotating" if rotational.read_text().strip() == "1" else "solid state")
                break
    return f"{name or '?'}: {', '.join(words)}"
