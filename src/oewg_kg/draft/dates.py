"""Find the dates printed in a line (a day, several days, a month), and say what a person must settle about ambiguous ones."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from oewg_kg import terms
from oewg_kg.draft import patterns

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
DASHES = str.maketrans("–—‒−\u00a0\u202f", "----  ")
Span = tuple[date, date]


@dataclass(frozen=True)
class PrintedDate:
    """A date as printed: its position, first and last day, and whether a day is named; `open` says what a person must settle."""

    start: int
    end: int
    first: date | None = None
    last: date | None = None
    days: bool = True
    open: str = ""
    candidates: tuple[date, ...] = ()


def find(text: str) -> list[PrintedDate]:
    """Find every date in a text, in order."""
    return [_read_date(match) for match in patterns.DATE.finditer(text.translate(DASHES))]


def without_dates(text: str, sign: str = " ") -> str:
    """Replace every date with a character."""
    for when in reversed(find(text)):
        text = f"{text[: when.start]}{sign}{text[when.end :]}"
    return text


def alone(text: str) -> PrintedDate | None:
    """Read a text that is a single date."""
    bare = text.strip(" ().,;:[]")
    printed = find(bare)
    if len(printed) == 1 and not bare[: printed[0].start].strip() and not bare[printed[0].end :].strip():
        return printed[0]
    year = patterns.YEAR.fullmatch(bare)
    return PrintedDate(0, 4, date(int(bare), 1, 1), date(int(bare), 12, 31), days=False) if year else None


def cells(when: PrintedDate | None, event: bool = False) -> tuple[str, str]:
    """Write a date as the cells `date` and `date_latest`: a day alone, a period by both ends, an open one with its candidates."""
    if when is None:
        return "", ""
    if when.open or when.first is None or when.last is None:
        return "?" + ",".join(day.isoformat() for day in when.candidates), ""
    if when.days and when.first == when.last and not event:
        return when.first.isoformat(), ""
    return when.first.isoformat(), when.last.isoformat()


def is_single(when: PrintedDate | None) -> bool:
    """Return whether a date is a day, a month or open: several days belong to a meeting, not to a document."""
    return when is not None and (not when.days or when.first == when.last or bool(when.open))


def undated(title: str) -> tuple[str, PrintedDate | None]:
    """Remove a day or month from the end of a title; several days belong to a meeting, and stay."""
    printed = find(title)
    if not printed or not is_single(printed[-1]) or title[printed[-1].end :].strip(" ).,"):
        return title, None
    return title[: printed[-1].start].rstrip(" ,(-–:;"), printed[-1]


def _read_date(match: re.Match[str]) -> PrintedDate:
    """Read a match: the days it names or, if it leaves something open, what a person must settle."""
    start, end = match.span()
    spans = _numeric_spans(match) if match["iso"] or match["numeric"] else _worded_spans(match["printed"])
    valid = [span for span in spans if span]
    if not valid or len(valid) < len(spans):
        return PrintedDate(start, end, open="there is no such day" if spans else "the year is not printed")
    first, last = min(valid)[0], max(span[1] for span in valid)
    if match["numeric"] and first != last:
        candidates = tuple(day for day, _ in valid)
        return PrintedDate(start, end, open="day and month are ambiguous", candidates=candidates)
    is_day = valid[0][0] == valid[0][1]
    if not is_day and first != valid[0][0]:
        return PrintedDate(start, end, open="the first month is later than the last")
    if match["weekday"] and first == last and not _falls_on(first, match["weekday"]):
        days_near = (first + timedelta(days=step) for step in range(-3, 4))
        weekday_date = next(day for day in days_near if _falls_on(day, match["weekday"]))
        doubt = f"that day is a {WEEKDAYS[first.weekday()]}"
        return PrintedDate(start, end, open=doubt, candidates=(first, weekday_date))
    return PrintedDate(start, end, first, last, is_day)


def _numeric_spans(match: re.Match[str]) -> list[Span | None]:
    """Read a date in numbers; with slashes both as day and month and as month and day, if both are days."""
    numbers = [int(number) for number in re.findall(r"\d+", match["printed"])]
    if match["iso"]:
        return [terms.span(*numbers)]
    day, month, year = numbers
    readings = [terms.span(year, month, day), terms.span(year, day, month) if "/" in match["printed"] else None]
    return [span for span in readings if span] or [None]


def _worded_spans(text: str) -> list[Span | None]:
    """Read each day or month in words, None for an impossible day; nothing if the year is missing."""
    tokens = [(str(token.lastgroup), token[0]) for token in patterns.DATE_PART.finditer(text)]
    order = "".join(unit[0] for unit, _ in tokens)
    if order == "ddmmy":  # 28-1 March-April 2022
        tokens[1:3] = tokens[2:0:-1]
    elif order.startswith("md"):  # March 14, 2031
        tokens.insert(-1, tokens.pop(0))
    spans: list[Span | None] = []
    year = month = 0
    for unit, text in reversed(tokens):
        if unit == "year":
            year = int(text)
        elif not year:
            return []
        elif unit == "month":
            month = next(number for number, name in enumerate(terms.MONTHS, 1) if name.startswith(text[:3].lower()))
            spans += [] if "d" in order else [terms.span(year, month)]
        else:
            spans.append(terms.span(year, month, int(text)))
    return spans[::-1]


def _falls_on(day: date, weekday: str) -> bool:
    return WEEKDAYS[day.weekday()].startswith(weekday[:3].title())
