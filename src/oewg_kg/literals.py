"""Values of parameters that are not things: texts, words, dates, numbers; and whether a period runs forward."""

import datetime
import re
from collections.abc import Mapping, Sequence

import pyoxigraph as ox

from oewg_kg.errors import UsageError
from oewg_kg.vocabulary import PREFIXES


def read(text: str, name: str, kind: str, words: Sequence[str]) -> ox.Literal:
    """Read the value of a date, integer or string parameter, or one of its words; raises UsageError, UnicodeEncodeError."""
    if kind == "string":
        text.encode()  # ox.Literal would take it for a wrong type
        word = text.strip().lower() if words else text
        if words and word not in words:
            raise UsageError(f'{text!r} is not a valid value for "{name}"', advice="use " + " or ".join(words))
        return ox.Literal(word)
    if not (is_date(text) if kind == "date" else re.fullmatch("-?[0-9]+", text)):
        advice = "use YYYY-MM-DD, such as 2020-04-27" if kind == "date" else "use digits, such as 2"
        raise UsageError(f'{text!r} is not a valid {kind} for "{name}"', advice=advice)
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + kind))


def is_date(text: str) -> bool:
    """Tell whether a text is a date as xsd:date writes it, without a time zone."""
    try:
        return datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def check_period(values: Mapping[str, str]) -> None:
    """Refuse a period that ends before it begins, which would be empty whatever the graph holds; raises UsageError."""
    start, end = (values.get(name, "") for name in ("from", "to"))
    if end and start > end:
        raise UsageError(f'"from" ({start}) is after "to" ({end})', advice="give both, with the earlier date as from")
