"""Counts what holds and what does not, and says so, one line for each."""
import contextlib
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

from botocore.exceptions import ClientError


class Tally:
    """The checks of one script."""

    def __init__(self) -> None:
        self.passed = 0
        self.failed = 0

    def check(self, what: str, good: bool, seen: object = "") -> bool:
        """Notes one check; `seen` is printed if it does not hold."""
        if good:
            self.passed += 1
            print(f"  ok    {what}")
        else:
            self.failed += 1
            print(f"  FAIL  {what}" + (f": {seen}" if seen != "" else ""))
        return good

    def equal(self, what: str, actual: object, expected: object) -> bool:
        """Two values are the same."""
        return self.check(what, actual == expected, f"{actual!r} where {expected!r} is right")

    def refused(self, what: str, code: str, status: int, call: Callable[..., Any], **arguments: Any) -> str:
        """A call is refused with this error code and HTTP status. Gives the message."""
        try:
            answer = call(**arguments)
        except ClientError as error:
            seen = (error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"])
            self.check(f"{what}: {code}", seen == (code, status), f"{seen} where {(code, status)} is right")
            return str(error.response["Error"].get("Message", ""))
        self.check(f"{what}: {code}", False, f"it was accepted: {answer!r:.200}")
        return ""

    @contextlib.contextmanager
    def part(self, title: str) -> Iterator[None]:
        """A part of the script. Whatever it raises is one failed check, and the next part runs."""
        print(title)
        try:
            yield
        except Exception as error:  # The script has to reach its last line.
            where = traceback.extract_tb(error.__traceback__)
            mine = [frame for frame in where if "second-opinion" in frame.filename] or where
            at = f"{mine[-1].filename.rsplit('/', 1)[-1]}:{mine[-1].lineno}" if mine else "?"
            self.check(f"{title} runs to its end", False, f"{type(error).__name__} at {at}: {error}")

    def finish(self) -> NoReturn:
        """Prints the last line and ends the process. Nothing checked is nothing proved."""
        print(f"{self.passed} passed, {self.failed} failed")
        sys.exit(0 if self.passed and not self.failed else 1)
