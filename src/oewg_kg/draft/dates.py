"""Read the dates in a line: a day, several days, a month; and mark ambiguous ones."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
DAY, YEAR = r"[0-3]?\d(?:st|nd|rd|th)?", r"(?:19|20|21)\d\d"
JOIN = r"\s*(?:-|to|until|and|&|,\s*and|,)\s*"
SOME = rf"(?:{DAY}{JOIN})*{DAY}"
PART = rf"{SOME}\s*(?:of\s+)?{MONTH}(?:,?\s*{YEAR}\b)?"
WEEKDAY = r"(?:\b(?P<weekday>(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b)\.?,?\s+)?"
FORMS = re.compile(
    rf"""(?<![\w/.-]){WEEKDAY}(?P<printed>
      (?P<iso>{YEAR}-[01]\d-[0-3]\d)
    | (?P<numeric>[0-3]?\d[./][0-3]?\d[./]{YEAR})
    | {DAY}\s*-\s*{DAY}\s+{MONTH}\s*-\s*{MONTH},?\s*{YEAR}
    | {PART}(?:{JOIN}{PART})*
    | {MONTH}\s+{SOME}(?:\s*,\s*|\s+){YEAR}
    | (?:{MONTH}(?:\s+{YEAR})?\s*(?:-|to|and)\s*)?{MONTH},?\s+{YEAR}
    )(?![\w/]|-\d)""",
    re.VERBOSE | re.IGNORECASE,
)
TOKEN = re.compile(rf"(?P<year>{YEAR})\b|(?P<month>{MONTH})|(?P<day>\d+)", re.IGNORECASE)
DASHES = str.maketrans("–—‒−\u00a0\u202f", "----  ")


@dataclass(frozen=True)
class When:
    """A date as printed: its position, first and last day, and whether a day is named; `open` says what a person must settle."""

    start: int
    end: int
    first: date | None = None
    last: date | None = None
    days: bool = True
    open: str = ""
    candidates: tuple[date, ...] = ()


def find(text: str) -> list[When]:
    """Find every date in a text, in order."""
    return [_when(found) for found in FORMS.finditer(text.translate(DASHES))]


def without(text: str, sign: str = " ") -> str:
    """Replace every date with a character."""
    for when in reversed(find(text)):
        text = f"{text[: when.start]}{sign}{text[when.end :]}"
    return text


def alone(text: str) -> When | None:
    """Read a text that is a single date."""
    bare = text.strip(" ().,;:[]")
    found = find(bare)
    if len(found) == 1 and not bare[: found[0].start].strip() and not bare[found[0].end :].strip():
        return found[0]
    year = re.fullmatch(YEAR, bare)
    return When(0, 4, date(int(bare), 1, 1), date(int(bare), 12, 31), days=False) if year else None


def cells(when: When | None, event: bool = False) -> tuple[str, str]:
    """Write a date as the cells `date` and `date_latest`: a day alone, a period by both ends, an open one with its candidates."""
    if when is None:
        return "", ""
    if when.open or when.first is None or when.last is None:
        return "?" + ",".join(day.isoformat() for day in when.candidates), ""
    if when.days and when.first == when.last and not event:
        return when.first.isoformat(), ""
    return when.first.isoformat(), when.last.isoformat()


def single(when: When | None) -> bool:
    """Return whether a date is a day, a month or open: several days belong to a meeting, not to a document."""
    return when is not None and (not when.days or when.first == when.last or bool(when.open))


def undated(title: str) -> tuple[str, When | None]:
    """Remove a day or month from the end of a title; several days belong to a meeting, and stay."""
    found = find(title)
    if not found or not single(found[-1]) or title[found[-1].end :].strip(" ).,"):
        return title, None
    return title[: found[-1].start].rstrip(" ,(-–:;"), found[-1]


def _when(found: re.Match[str]) -> When:
    start, end = found.span()
    read = _read(found)
    if not all(read):
        return When(start, end, open="there is no such day")
    if not read:
        return When(start, end, open="the year is not printed")
    days = [day for some in read for day in some]
    first, last = min(days), max(days)
    if found["numeric"] and first != last:
        candidates = (read[0][0], read[1][0])
        return When(start, end, open="day and month are ambiguous", candidates=candidates)
    named = len(read[0]) == 1
    if not named and first != read[0][0]:
        return When(start, end, open="the first month is later than the last")
    if found["weekday"] and named and first == last and not _falls(first, found["weekday"]):
        other = next(day for step in range(-3, 4) if _falls(day := first + timedelta(days=step), found["weekday"]))
        return When(start, end, open=f"that day is a {WEEKDAYS[first.weekday()]}", candidates=(first, other))
    return When(start, end, first, last, named)


def _read(found: re.Match[str]) -> list[list[date]]:
    """Read each day, or each month as its first and last day; nothing if the year is missing, an empty list for an impossible day."""
    numbers = [int(number) for number in re.findall(r"\d+", found["printed"])]
    if found["iso"]:
        return [_days(*numbers)]
    if found["numeric"]:
        day, month, year = numbers
        ways = [_days(year, month, day), _days(year, day, month) if "/" in found["printed"] else []]
        return [way for way in ways if way] or [[]]
    tokens = [(str(one.lastgroup), one[0]) for one in TOKEN.finditer(found["printed"])]
    kinds = "".join(kind[0] for kind, _ in tokens)
    if kinds == "ddmmy":  # 28-1 March-April 2022
        tokens[1:3] = tokens[2:0:-1]
    elif kinds.startswith("md"):  # March 14, 2031
        tokens.insert(-1, tokens.pop(0))
    read: list[list[date]] = []
    year = month = 0
    for kind, text in reversed(tokens):
        if kind == "year":
            year = int(text)
        elif not year:
            return []
        elif kind == "month":
            month = MONTHS.index(text[:3].lower()) + 1
            read += [] if "d" in kinds else [_days(year, month)]
        else:
            read.append(_days(year, month, int(text)))
    return read[::-1]


def _days(year: int, month: int, day: int | None = None) -> list[date]:
    """Return a day, or the first and the last of a month; nothing if the calendar has no such day."""
    last = monthrange(year, month)[1] if 1 <= month <= 12 else 0
    if day is None:
        return [date(year, month, 1), date(year, month, last)]
    return [date(year, month, day)] if 1 <= day <= last else []


def _falls(day: date, weekday: str) -> bool:
    return WEEKDAYS[day.weekday()].startswith(weekday[:3].title())
