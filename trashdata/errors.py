"""The error for mistakes that the user can fix."""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable


class UserError(Exception):
    """A mistake in the input or the options, told in one sentence.

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
        # Whatever names it holds: one line, without a code that a terminal would obey.
        super().__init__(printable(f"{where}: expected {expected}, found {found}; {advice}{end}"))

    def __reduce__(self) -> tuple[object, tuple[str, str, str, str]]:
        return _rebuild, (self.where, self.expected, self.found, self.advice)


def _rebuild(where: str, expected: str, found: str, advice: str) -> UserError:
    # Errors cross process borders pickled, and keyword-only arguments do not survive that alone.
    return UserError(where, expected=expected, found=found, advice=advice)


_OF_THE_SYSTEM = frozenset(
    {
        *(errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP, errno.ENAMETOOLONG),
        *(errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ESTALE),
        *(errno.EMFILE, errno.ENFILE, errno.ENOMEM),
    }
)


def told_by_the_system(error: Exception) -> UserError | None:
    """What the machine refused, as a sentence; None for an error that is not of that kind."""
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
    """Advice that names the most similar of the known names, if one is similar."""
    known = list(known)
    folded = {other.casefold(): other for other in known}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return f"did you mean {folded[close[0]]!r}?" if close else f"choose from {', '.join(known)}"


def printable(text: str) -> str:
    """The text with control characters escaped, so that a terminal takes none as a command."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
