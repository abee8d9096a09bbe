#!/usr/bin/env python3
"""A second opinion on `deployer package`: Python's own zip reader, hashes and eyes on the real executable.

    cargo build --workspace --bins
    python3 tests/second-opinion/artifact.py

Ends with `N passed, N failed`; exit code 1 if anything failed.
"""
import base64
import hashlib
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
FUNCTION = PROGRAMS / "bootstrap-under-test"
# https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.eheader.html
MACHINES = {62: "x86_64", 183: "arm64"}


def package(folder: Path, name: str) -> dict:
    """Runs the CLI in a folder. A zip of that name is there afterwards."""
    command = [str(PROGRAMS / "deployer"), "package", "--code", str(FUNCTION), "--out", name, "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def newest_glibc(executable: bytes) -> str:
    """By the names of versions, wherever they are."""
    found = re.findall(rb"\0GLIBC_(\d+)\.(\d+)(?=\0)", executable)
    return ".".join(map(str, max(tuple(map(int, version)) for version in found)))


def opinions():
    """Every check: what it says, and whether it holds."""
    executable = FUNCTION.read_bytes()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = package(folder, "one.zip")
        package(folder, "two.zip")
        one = (folder / "one.zip").read_bytes()
        yield "two runs give the same bytes", one == (folder / "two.zip").read_bytes()
        yield "the size is the file's", told["size"] == len(one)
        digest = hashlib.sha256(one).digest()
        yield "the SHA-256 is the file's", told["sha256"] == digest.hex()
        yield "CodeSha256 is the same in Base64", told["codeSha256"] == base64.b64encode(digest).decode()
        with zipfile.ZipFile(folder / "one.zip") as archive:
            yield "every entry is whole", archive.testzip() is None
            entries = archive.infolist()
            yield "it holds two files, in order", [one.filename for one in entries] == ["bootstrap", "exemptions.json"]
            rights = [stat.filemode(entry.external_attr >> 16) for entry in entries]
            yield "all may read, and run the first", rights == ["-rwxr-xr-x", "-rw-r--r--"]
            yield "no time of day is in it", {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
            yield "nothing else is in it", not archive.comment and not any(entry.extra for entry in entries)
            yield "the executable is unchanged", archive.read("bootstrap") == executable
            empty = {"version": 1, "exemptions": []}
            yield "there are no exemptions", json.loads(archive.read("exemptions.json")) == empty
    (machine,) = struct.unpack_from("<H", executable, 18)
    yield "the processor is the executable's", told["architecture"] == MACHINES.get(machine)
    yield "the glibc is the executable's", told["glibc"] == newest_glibc(executable)
    key = f"notebook-guard/{told['version']}/{told['sha256']}/bootstrap-{told['architecture']}.zip"
    yield "the key is the one that the template builds", told["s3Key"] == key


def main() -> int:
    """Prints a line for each check and the total."""
    passed = failed = 0
    for says, holds in opinions():
        print(f"  {'ok  ' if holds else 'FAIL'} {says}")
        passed, failed = passed + holds, failed + (not holds)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
