"""The error for mistakes that the user can fix."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable


class UserError(Exception):
    """A mistake in the input or the options, described in one sentence.

    Parameters
    ----------
    where : the file, annotation, photo or option, for example ``train.json: annotation 371``.
    expected, found : what should be there, and what is.
    advice : what to do next.
    """

    def __init__(self, where: str, *, expected: str, found: str, advice: str) -> None:
        self.where = where
        self.expected = expected
        self.found = found
        self.advice = advice
        end = "" if advice.endswith("?") else "."
        # One line without control characters, whatever names it contains.
        super().__init__(printable(f"{where}: expected {expected}, found {found}; {advice}{end}"))

    def __reduce__(self) -> tuple[object, tuple[str, str, str, str]]:
        return _rebuild, (self.where, self.expected, self.found, self.advice)


def _rebuild(where: str, expected: str, found: str, advice: str) -> UserError:
    # Errors are pickled between processes, which keyword-only arguments need help for.
    return UserError(where, expected=expected, found=found, advice=advice)


_OF_THE_SYSTEM = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    }
)


def system_error(error: Exception) -> UserError | None:
    """The error as a `UserError` if the system refused something (disk, memory), or None."""
    if isinstance(error, MemoryError):
        found, advice = "too little", "use fewer --workers, or free some"
        return UserError("memory", expected="enough of it", found=found, advice=advice)
    if not isinstance(error, OSError) or error.errno not in _OF_THE_SYSTEM:
        return None
    where = "the system" if error.filename is None else printable(str(error.filename))
    return UserError(
        where,
        expected="to be able to read and write there",
        found=error.strerror or str(error),
        advice="correct the permissions or make room, then start again",
    )


def nearest(name: str, known: Iterable[str]) -> str:
    """Advice with the most similar known name, if one is similar."""
    known = list(known)
    folded = {candidate.casefold(): candidate for candidate in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[close[0]]!r}?" if close else f"choose from {', '.join(known)}"


def printable(text: str) -> str:
    """Escape control characters, so that a terminal does not interpret them."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
