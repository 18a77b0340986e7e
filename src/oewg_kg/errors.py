"""The kinds of error that reach a user, each in one line: what is wrong, where, and what to do; SyntaxError and OSError become such."""

import re
from collections.abc import Collection, Sequence

LONGEST_MESSAGE = 600


def either(choices: Sequence[str]) -> str:
    """Join choices for people: `yes, no or any`."""
    return " or ".join(filter(None, (", ".join(choices[:-1]), *choices[-1:])))


def did_you_mean(nearest: Sequence[str], otherwise: str) -> str:
    """Suggest the nearest names, or give other advice if none is near."""
    return f"did you mean {either(nearest)}?" if nearest else otherwise


class OewgError(Exception):
    """Base of all errors that a user can act on; `exit_code` is that of the command line."""

    exit_code = 1

    def __init__(self, what: str, where: str = "", advice: str = "") -> None:
        """Keep the parts of the message apart, so that any surface can lay them out."""
        self.what, self.where, self.advice = what, where, advice
        super().__init__(str(self))

    def __str__(self) -> str:
        """Join place, fact and advice into one line."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        text = " ".join((f"{line}; {self.advice}" if self.advice else line).split())
        return text if len(text) <= LONGEST_MESSAGE else f"{text[: LONGEST_MESSAGE - 3]}..."


class NegativeFinding(OewgError):
    """The work was done and the result is negative: the data do not conform, lines are missing."""


class UsageError(OewgError):
    """An invalid name, parameter or value given by the caller."""

    exit_code = 2


class UnknownNameError(UsageError):
    """An unknown name of a question or an entity."""


class ParseError(OewgError):
    """A data file, query or shape that cannot be parsed, or contradicts itself."""

    exit_code = 3


class LimitError(OewgError):
    """Stopped by a limit of time, memory, rows, length or nesting."""

    exit_code = 4


class LateError(LimitError):
    """No answer within the time allowed."""


class StorageError(OewgError):
    """Something could not be read, written or reached."""

    exit_code = 5


class QueryWarning(UserWarning):
    """What may be mistyped in a query that was answered."""


def from_syntax_error(error: SyntaxError, file: str, text: str = "", prefixes: Collection[str] = ()) -> ParseError:
    """Turn pyoxigraph's SyntaxError into `file:line:column: what`; name a prefix of a query that is not among `prefixes`."""
    # For a query, pyoxigraph gives the place only in the message: "error at 3:1: expected ...".
    message = re.match(r"(?:error at (\d+):(\d+)|Parser error[^:]*): (.*)", str(error.msg), re.DOTALL)
    line, column = (message[1], message[2]) if message and message[1] else (error.lineno or 1, error.offset or 1)
    what, location = message[3] if message else str(error.msg), f"{file}:{line}:{column}"
    if not what.startswith("expected "):
        return ParseError(what, location)
    text_before = "".join(text.split("\n")[int(line) - 1 : int(line)])[: int(column) - 1].rstrip()
    if keyword := re.search(r"\b(?:LIMIT|OFFSET)\Z", text_before, re.IGNORECASE):
        return ParseError(f"syntax error: a number is missing after {keyword[0].upper()}", location)
    prefix, colon, _ = re.split(r"[^\w.:%\\-]", text_before)[-1].partition(":")
    declared = prefix in ("_", *prefixes) or re.search(rf"prefix\s+{re.escape(prefix)}:", text, re.IGNORECASE)
    if "Prefix not found" in what or (prefixes and colon and not declared):
        advice = f"declare it first: PREFIX {prefix}: <IRI>"
        return ParseError(f"the prefix {prefix}: is not declared", location, advice)
    return ParseError(_expected(what), location)


def _expected(expected: str) -> str:
    """Shorten what pyoxigraph expected to its sentences, or to words of SPARQL; its character classes do not help a reader."""
    expectations = " ".join(expected.removeprefix("expected ").removeprefix("one of ").split()).split(", ")
    sentences = [phrase for phrase in expectations if re.match(r"[A-Z].* [a-z]", phrase)]
    words = [word for word in expectations if re.fullmatch(r"[A-Z_0-9]+|\"[^\"]+\"|'[^']+'", word)]
    if sentences:
        return sentences[0]
    if set(words) <= {"LATERAL", "SERVICE"}:  # allowed nearly everywhere, so they say nothing about the error
        return "syntax error: something is missing or misspelt here or just before"
    return f"syntax error: expected {either(words if len(words) < 9 else [*words[:8], 'the like'])}"


def from_os_error(error: OSError, doing: str) -> StorageError:
    """Turn an OSError into one line; `doing` is a phrase such as "writing the snapshot"."""
    path = str(error.filename or "")
    if isinstance(error, FileNotFoundError):
        return StorageError("file or folder not found", path, "check the path")
    advice = "check the path, its permissions and the free space"
    return StorageError(f"{doing} failed: {error.strerror or error}", path, advice)
