#!/usr/bin/env python3
"""Runs all second opinions: one line for each, the total at the end.

Usage: python3 run.py [--records DIR] [--verbose]

It needs Python 3.11, nothing else: what requirements.lock lists is installed into `.venv` beside this file, once, and
again when the lock changes. It ends with 0 if everything holds, 1 if not, 2 if it could not look (no PyPI, nothing
built).
"""
import argparse
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = HERE / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = HERE / "requirements.lock"
NEEDED = ("sandbox", "deployer", "bootstrap-under-test", "report-sample")
SECONDS = 900

# Script, arguments, and whether it sends wrong requests on purpose.
SCRIPTS: list[tuple[str, list[str], bool]] = [
    ("templates.py", [], False),
    ("artifact.py", [], False),
    ("install.py", [], False),
    ("reports.py", ["--self-test"], False),
    ("reports.py", [], False),
    ("evidence.py", ["--self-test"], False),
    ("evidence.py", [], False),
    ("traffic.py", ["--self-test"], False),
    ("session.py", [], True),
    ("agreement.py", [], True),
    ("organization.py", [], True),
    ("stack_sets.py", [], True),
    ("verdicts.py", [], False),
]


def give_up(message: str) -> None:
    """Says what is missing and ends."""
    print(f"cannot look: {message}", file=sys.stderr)
    sys.exit(2)


def interpreter() -> str:
    """The Python that the lock was made for."""
    if sys.version_info[:2] == (3, 11):
        return sys.executable
    found = shutil.which("python3.11")
    if found is None:
        give_up(f"Python 3.11 is needed; this is {sys.version.split()[0]}, and there is no python3.11 on the PATH")
    return str(found)


def install() -> None:
    """Makes the virtual environment, unless it has been made from this very lock."""
    stamp, wanted = VENV / "installed-from", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    command = [interpreter(), "-m", "venv", "--clear", str(VENV)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode:
        give_up(f"no virtual environment: {(made.stdout + made.stderr).strip()}")
    print(f"installing requirements.lock into {VENV.relative_to(ROOT)}", flush=True)
    # Without dependencies: what the lock does not list is not installed, and `pip check` tells if that is too little.
    quiet = [str(PYTHON), "-m", "pip", "--disable-pip-version-check"]
    for arguments in (["install", "--quiet", "--no-deps", "--requirement", str(LOCK)], ["check"]):
        done = subprocess.run([*quiet, *arguments], capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line for line in (done.stdout + done.stderr).splitlines() if "WARNING" not in line]
            give_up("pip could not get what requirements.lock lists. It says:\n  " + "\n  ".join(said[-8:]))
    stamp.write_text(wanted)


def programs() -> None:
    """Sees that there is something to look at."""
    folder = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
    missing = [name for name in NEEDED if not (folder / name).exists()]
    if missing:
        give_up(f"not built: {', '.join(missing)}. Run `cargo build --workspace --bins`")


class Runner:
    """Runs scripts, prints a line for each, and adds up."""

    def __init__(self, verbose: bool) -> None:
        self.verbose = verbose
        self.passed = self.failed = 0

    def run(self, title: str, script: str, arguments: list[str], record: Path | None = None) -> None:
        """One script. One that does not get to its last line has failed once more than it says."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
        environment.pop("SANDBOX_RECORD", None)
        if record is not None:
            environment["SANDBOX_RECORD"] = str(record)
        began = time.monotonic()
        process = subprocess.Popen(
            [str(PYTHON), str(HERE / script), *arguments], env=environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )
        try:
            output, _ = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            output = f"it took more than {SECONDS} seconds\n" + self._end(process)
        except BaseException:
            self._end(process)
            raise
        lines = output.splitlines()
        last = re.fullmatch(r"(\d+) passed, (\d+) failed", lines[-1]) if lines else None
        passed, failed = (int(last[1]), int(last[2])) if last else (0, 1)
        if process.returncode and not failed:
            failed = 1
        self.passed, self.failed = self.passed + passed, self.failed + failed
        word = "FAIL" if failed else "ok"
        print(f"{word:5} {title:34} {passed} passed, {failed} failed ({time.monotonic() - began:.1f} s)", flush=True)
        self._tell(lines, failed, complete=last is not None)

    def _tell(self, lines: list[str], failed: int, *, complete: bool) -> None:
        """What a script has printed: all of it, or what failed, or its last words if it did not end well."""
        if self.verbose:
            shown = lines
        elif not failed:
            return
        elif complete:
            indented = [line for line in lines if line.startswith("  ")]
            shown = [line for line in indented if line[2:6] not in ("ok  ", "warn")] or lines[-15:]
        else:
            shown = lines[-15:]
        for line in shown:
            print(f"      {line}", flush=True)

    @staticmethod
    def _end(process: "subprocess.Popen[str]") -> str:
        """Ends a script, which ends its servers. Gives what it has still to say."""
        process.terminate()
        try:
            return process.communicate(timeout=30)[0] or ""
        except subprocess.TimeoutExpired:
            process.kill()
            return process.communicate()[0] or ""


def main() -> int:
    """Everything, in order."""
    # So that a script that runs is ended, and with it its servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--records", type=Path, metavar="DIR", help="also check every *.jsonl in this folder")
    arguments.add_argument("--verbose", action="store_true", help="print all that the scripts print")
    asked = arguments.parse_args()
    given = sorted(asked.records.glob("*.jsonl")) if asked.records else []
    if asked.records and not given:
        give_up(f"there is no *.jsonl in {asked.records}")
    programs()
    install()
    runner = Runner(asked.verbose)
    with tempfile.TemporaryDirectory(prefix="second-opinion-") as folder:
        for script, options, deliberate in SCRIPTS:
            name = f"{Path(script).stem}{'.deliberate' if deliberate else ''}.jsonl"
            runner.run(" ".join([script, *options]), script, options, Path(folder) / name)
        for record in [*sorted(Path(folder).glob("*.jsonl")), *given]:
            runner.run(f"traffic.py {record.name}", "traffic.py", [str(record.resolve())])
    print(f"{runner.passed} passed, {runner.failed} failed")
    return 0 if runner.passed and not runner.failed else 1


if __name__ == "__main__":
    sys.exit(main())
