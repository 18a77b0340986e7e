"""Read the dates that a line prints: one day, several days, a month; and mark those that are ambiguous."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
         "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
DAY, YEAR = r"[0-3]?\d(?:st|nd|rd|th)?", r"(?:19|20|21)\d\d"
JOIN = r"\s*(?:-|to|until|and|&|,\s*and|,)\s*"
SOME = rf"(?:{DAY}{JOIN})*{DAY}"
PART = rf"{SOME}\s*(?:of\s+)?{MONTH}(?:,?\s*{YEAR}\b)?"
WEEKDAY = rf"(?:\b(?P<weekday>{'|'.join(WEEKDAYS)}|(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b)\.?,?\s+)?"
FORMS = re.compile(
    rf"""(?<![\w/.-]){WEEKDAY}(?:
      (?P<iso>{YEAR}-[01]\d-[0-3]\d)
    | (?P<numeric>[0-3]?\d[./][0-3]?\d[./]{YEAR})
    | (?P<across>{DAY}\s*-\s*{DAY}\s+{MONTH}\s*-\s*{MONTH},?\s*{YEAR})
    | (?P<dayfirst>{PART}(?:{JOIN}{PART})*)
    | (?P<american>{MONTH}\s+{SOME}(?:\s*,\s*|\s+){YEAR})
    | (?P<month>(?:{MONTH}(?:\s+{YEAR})?\s*(?:-|to|and)\s*)?{MONTH},?\s+{YEAR})
    )(?![\w/]|-\d)""",
    re.VERBOSE | re.IGNORECASE,
)
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
    """Find every date in a text, in its order."""
    return [_when(found) for found in FORMS.finditer(text.translate(DASHES))]


def alone(text: str) -> When | None:
    """Read a text that is one date and nothing else."""
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
    """Tell whether a date is a day, a month or open: several days are those of a meeting, not of a document."""
    return when is not None and (not when.days or when.first == when.last or bool(when.open))


def _when(found: re.Match[str]) -> When:
    text = next(value for key, value in found.groupdict().items() if value and key != "weekday")
    form = next(key for key, value in found.groupdict().items() if value and key != "weekday")
    start, end = found.span()
    try:
        first, last, days = READERS[form](text)
    except ValueError as problem:
        return When(start, end, open=str(problem), candidates=_candidates(text, form))
    weekday = (found["weekday"] or "").lower()
    if weekday and days and first == last and not _falls(first, weekday):
        other = next(day for step in range(-3, 4) if _falls(day := first + timedelta(days=step), weekday))
        return When(start, end, open=f"that day is a {WEEKDAYS[first.weekday()].title()}", candidates=(first, other))
    return When(start, end, first, last, days)


def _candidates(text: str, form: str) -> tuple[date, ...]:
    if form != "numeric":
        return ()
    a, b, year = (int(part) for part in re.split(r"[./]", text))
    found = []
    for month, day in ((b, a), (a, b)):
        if 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]:
            found.append(date(year, month, day))
    return tuple(found)


def _falls(day: date, weekday: str) -> bool:
    return WEEKDAYS[day.weekday()].startswith(weekday[:3])


def _month(name: str) -> int:
    return next(n for n, known in enumerate(NAMES, 1) if known.startswith(name.strip(". ").lower()[:3]))


def _date(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError("there is no such day") from None


def _iso(text: str) -> tuple[date, date, bool]:
    year, month, day = (int(part) for part in text.split("-"))
    return _date(year, month, day), _date(year, month, day), True


def _numeric(text: str) -> tuple[date, date, bool]:
    a, b, year = (int(part) for part in re.split(r"[./]", text))
    if "/" in text and a != b and a <= 12 and b <= 12:
        raise ValueError("day and month are ambiguous")
    day = _date(year, a, b) if "/" in text and b > 12 else _date(year, b, a)
    return day, day, True


def _across(text: str) -> tuple[date, date, bool]:
    a, b = re.findall(r"\d{1,2}(?!\d)", text)[:2]
    one, other = re.findall(MONTH, text, re.IGNORECASE)[:2]
    year = int(re.findall(YEAR, text)[-1])
    return _date(year, _month(one), int(a)), _date(year, _month(other), int(b)), True


def _dayfirst(text: str) -> tuple[date, date, bool]:
    year = 0
    days: list[date] = []
    for part in reversed(re.findall(PART, text, re.IGNORECASE)):
        printed = re.search(rf"{YEAR}\b", part)
        year = int(printed[0]) if printed else year
        if not year:
            raise ValueError("the year is not printed")
        month = _month(re.search(MONTH, part, re.IGNORECASE)[0])  # type: ignore[index]
        numbers = re.findall(rf"\b{DAY}(?=\D)", part[: re.search(MONTH, part, re.IGNORECASE).start()])  # type: ignore[union-attr]
        days += [_date(year, month, int(re.sub(r"\D", "", number))) for number in numbers]
    if not days:
        raise ValueError("there is no such day")
    return min(days), max(days), True


def _american(text: str) -> tuple[date, date, bool]:
    year = int(re.findall(YEAR, text)[-1])
    month = _month(re.match(MONTH, text, re.IGNORECASE)[0])  # type: ignore[index]
    days = [_date(year, month, int(day)) for day in re.findall(r"\b(\d{1,2})(?=\D)", text)]
    return min(days), max(days), True


def _months(text: str) -> tuple[date, date, bool]:
    months = [_month(name) for name in re.findall(MONTH, text, re.IGNORECASE)]
    years = [int(year) for year in re.findall(YEAR, text)]
    last = date(years[-1], months[-1], monthrange(years[-1], months[-1])[1])
    first = date(years[0], months[0], 1)
    if first > last:
        raise ValueError("the first month is later than the last")
    return first, last, False


READERS = {"iso": _iso, "numeric": _numeric, "across": _across, "dayfirst": _dayfirst, "american": _american,
           "month": _months}  # fmt: skip
