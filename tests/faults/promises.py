"""What has to hold."""

from __future__ import annotations


class Failure(Exception):  # noqa: N818
    """A promise that was not kept."""


def expect(kept: bool, promise: str, seen: object = "") -> None:
    if not kept:
        raise Failure(f"{promise}: {seen}")


def expect_same(found: dict[str, str], expected: dict[str, str]) -> None:
    """Equal bytes, no file more and none less: so the inputs are as they were, too."""
    differing = sorted(k for k in expected | found if expected.get(k) != found.get(k))
    expect(not differing, "the bytes are those of an undisturbed run", differing[:5])


def expect_sentence(code: int, errors: str) -> None:
    """The run ended well, or with one sentence and exit code 2."""
    expect("Traceback" not in errors, "no traceback", errors)
    expect(code in (0, 2), "the exit code is 0 or 2", (code, errors))
    if code == 2:
        lines = [line for line in errors.splitlines() if line.startswith("Error: ")]
        expect(len(lines) == 1, "one sentence", errors)
