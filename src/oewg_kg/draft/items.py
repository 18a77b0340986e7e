"""The items of a list: who gave what, on which text, when, in which languages; one row for each.

Not for headings, nor for documents that no actor gave: `headings` and `documents` read those.
"""

import re
from dataclasses import dataclass, field

from oewg_kg.draft import actors, dates, kinds
from oewg_kg.draft.actors import Actor, Names
from oewg_kg.draft.headings import INFERRED, Under
from oewg_kg.draft.page import SYMBOL
from oewg_kg.draft.table import Row
from oewg_kg.draft.targets import BOTH, Texts

BEHALF = re.compile(r"(?:also )?(?:speaking )?(?:on behalf of|in the name of|for|representing)\s+(?P<whom>.+)", re.IGNORECASE | re.DOTALL)
INSIDE = re.compile(r",?\s+(?:also )?(?:speaking )?(?:on behalf of|in the name of)\s+", re.IGNORECASE)
NATIONAL = re.compile(r"in (?:its|a|their|his|her|the) (?:own )?(?:national|personal) capacity", re.IGNORECASE)
ANNEX = re.compile(r"\b(?:annex(?:es|ed)?|attachments?|enclosures?|appendi(?:x|ces))\b", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,2}(?:\s*(?:,|and|&)\s*\d{1,2})*")
LINK = re.compile(r"^(?:text|full text|pdf|docx?|link|video|audio|watch|html|download|read)$", re.IGNORECASE)
TRANSLATION = re.compile(r",?\s*\(?(?:un)?official translation\)?|,?\s*\(?translation\)?", re.IGNORECASE)
ACRONYM = re.compile(r"[A-Z][A-Za-z0-9&./-]{1,9}")
SPOKEN = ("statement", "opening-statement")
LAUNCHED = re.compile(r"\b(?:launched|initiated|coordinated) by\b|\bunder the (?:initiative|leadership) of\b", re.IGNORECASE)
BY = re.compile(r"\b(?:submitted|presented|tabled|sponsored|prepared|proposed) by\b", re.IGNORECASE)
WORDS = {"one": 1, "two": 2, "three": 3, "four": 4}
CUT = re.compile(
    r"\s+(?:on|about|regarding|concerning|under|during|at|entitled|titled|with|to|read)\s|\s[-–]\s|:\s|;\s|\s*[(\[“\"]|,\s+(?:read|on)\s", re.IGNORECASE
)
AUTHOR = re.compile(r"\b(?P<way>by|of|from)\s+(?=\S)", re.IGNORECASE)
READ_OUT = re.compile(r",?\s*(?:as )?(?:read out|delivered|presented) by\s+(?P<whom>[^,;(\[]+)", re.IGNORECASE)
OWNER = re.compile(r"^(?P<whom>.{2,80}?)(?:['’]s|s['’])\s+(?=\w)")


@dataclass
class Entry:
    """One entry of a list: its actors, for whom they spoke, and what its brackets say of all its items."""

    actors: list[Actor] = field(default_factory=list)
    behalf: list[Actor] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    attachments: int = 0
    date: dates.When | None = None
    symbol: str = ""
    notes: list[str] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)


@dataclass
class Reader:
    """Reads entries with the names and the texts that are known."""

    names: Names
    texts: Texts

    def entry(self, line: int, text: str, under: Under) -> list[Row]:
        """Read one entry of a list of contributions."""
        pieces = segments(text)
        name, pieces = self._name(pieces)
        name, label = self._apart(name)
        if series := self._series(name, label):
            return self._replies(line, name, series, under)
        if (kinds.contribution(name) or BY.search(name)) and not self._all_sure(name) and not (label and kinds.contribution(label)):
            return self.titled(line, name if not label else f"{name}: {label}", pieces, under)
        entry = Entry()
        name, whom = ([*INSIDE.split(name, maxsplit=1), ""])[:2]
        entry.actors = self.names.several(name)
        if any(actor.code == "post/chair" for actor in entry.actors):
            entry.notes.append("a post as speaker")
        if len(entry.actors) > 1 and under.gives in SPOKEN and not label:
            entry.notes.append("one speaker for several, or several statements?")
        if whom:
            entry.behalf = self._whom(whom)
        if label:
            self._label(entry, line, label, under)
        for sign, inner in pieces:
            self._piece(entry, line, sign, inner, under)
        return self._finish(entry, line, under)

    def titled(self, line: int, title: str, pieces: list[tuple[str, str]], under: Under) -> list[Row]:
        """Read an entry that is called by its title: `Joint proposal by A and B on C [EN]`."""
        entry = Entry()
        title = title.strip(" ,;:")
        entry.actors, entry.behalf = self.authors(title)
        if LAUNCHED.search(title) or (not entry.actors and re.match(r"joint\b", title, re.IGNORECASE)):
            printed = "|".join(actor.printed for actor in entry.actors)
            entry.actors = [Actor(printed, "NEW:authors not named", check="joint authors, not named")]
        default = kinds.contribution(title) or under.gives
        for sign, inner in pieces:
            self._piece(entry, line, sign, inner, under, default, named=True)
        if not entry.items:
            title, when = undated(title)
            entry.date = entry.date or when
            self._add(entry, line, title, under, default)
        elif not any(self.texts.find(row.label_in_source) for row in entry.items):
            for row, found in ((row, self.texts.find(title)) for row in entry.items):
                row.target = "|".join(found) or row.target
        return self._finish(entry, line, under)

    def by_title(self, line: int, title: str, under: Under) -> list[Row]:
        """Read the title of a contribution whose author stands elsewhere, as in a table."""
        entry = Entry()
        bare = "".join(inner if not sign else f" ({inner})" for sign, inner in segments(title) if sign != "[")
        bare, entry.date = undated(" ".join(bare.split()))
        bare, entry.languages, _ = kinds.trailing(bare)
        kind = kinds.contribution(bare)
        self._add(entry, line, bare, under, under.gives)
        if not kind and under.gives:
            entry.items[0].kind, entry.items[0].check, entry.items[0].note = under.gives, "", ""
        return self._finish(entry, line, under)

    def authors(self, title: str, loose: bool = True) -> tuple[list[Actor], list[Actor]]:
        """Find who gave what a title names, and for whom: after `by`, `of` or `from`, before `’s`, or in front."""
        behalf: list[Actor] = []
        spoken = READ_OUT.search(title)
        rest = READ_OUT.sub("", title) if spoken else title
        parts = INSIDE.split(rest, maxsplit=1)
        if len(parts) == 2:
            behalf, rest = self._whom(CUT.split(parts[1], maxsplit=1)[0]), parts[0]
        found = self._author(rest, loose)
        if spoken:
            return self.names.several(spoken["whom"]), found or behalf
        return found, behalf

    def _author(self, title: str, loose: bool) -> list[Actor]:
        for match in AUTHOR.finditer(title):
            if match["way"].lower() != "by" and kinds.PREPOSITION.search(title[: match.start()] + " "):
                continue
            text = CUT.split(title[match.end() :], maxsplit=1)[0]
            found = self.names.several(text)
            known = any(actors.sure(actor) or actors.COUNTED.match(actor.printed) for actor in found)
            capital = text[:1].isupper() or text.startswith("the ")
            if known or (loose and match["way"].lower() != "of" and capital):
                return found
        owner = OWNER.match(title)
        if owner and (self._all_sure(owner["whom"]) or (loose and kinds.contribution(title[owner.end() :].split(" on ")[0]))):
            return self.names.several(owner["whom"])
        words = title.split()
        for size in range(min(6, len(words) - 1), 0, -1):
            if self._all_sure(" ".join(words[:size])):
                return self.names.several(" ".join(words[:size]))
        return []

    def _whom(self, text: str) -> list[Actor]:
        """Find for whom an actor spoke; `itself and` is the actor."""
        text = re.sub(r"^(?:itself|themselves|their own countries|its own country)\s*(?:,|and)\s*", "", text.strip())
        text = re.split(r"\s+in (?:its|their) ", text)[0]
        return self.names.several(text)

    def _all_sure(self, name: str) -> bool:
        return bool(name.strip()) and all(actor.score >= actors.SURE for actor in self.names.several(name))

    def _name(self, pieces: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
        """Take the name off the front: also brackets that belong to it, such as an acronym."""
        name = ""
        while pieces:
            sign, inner = pieces[0]
            if sign == "" and not name:
                name = inner
            elif sign == "(" and name and self._of_name(name, inner):
                name = f"{name.rstrip()} ({inner})"
            else:
                break
            pieces = pieces[1:]
        return name.strip(), pieces

    def _of_name(self, name: str, inner: str) -> bool:
        whole = self.names.one(f"{name} ({inner})")
        if actors.sure(whole) or kinds.languages(inner) or dates.find(inner) or ANNEX.search(inner):
            return actors.sure(whole) and not kinds.languages(inner)
        return bool(ACRONYM.fullmatch(inner.strip()) and inner.strip().upper() == inner.strip() and len(inner) > 1)

    def _apart(self, name: str) -> tuple[str, str]:
        """Divide `name: label` and `name - label`, where the front is not a title."""
        for sign in (r":\s+", r"\s+[-–—]\s+"):
            parts = re.split(sign, name, maxsplit=1)
            if len(parts) == 2 and parts[0].strip() and not actors.sure(self.names.one(name)):
                return parts[0].strip(), parts[1].strip()
        return name, ""

    def _series(self, name: str, label: str) -> list[Actor]:
        """Read `Rights of reply: A, B, A` as one item for each name."""
        if not label or not kinds.contribution(name) or kinds.contribution(label):
            return []
        found = self.names.several(label)
        return found if all(not actor.code.startswith("NEW:") for actor in found) else []

    def _replies(self, line: int, label: str, series: list[Actor], under: Under) -> list[Row]:
        rows: list[Row] = []
        for actor in series:
            entry = Entry(actors=[actor])
            self._add(entry, line, label, under, kinds.contribution(label) or under.gives)
            rows += self._finish(entry, line, under)
        for number, row in enumerate(rows, 1):
            row.item = number
            row.ask("several statements on one line")
        return rows

    def _piece(self, entry: Entry, line: int, sign: str, inner: str, under: Under, default: str = "", named: bool = False) -> None:
        """Read what one bracket, or the words between brackets, say of an entry."""
        text = inner.strip(" ,;:-–")
        if not text or text in ("and", "&") or NATIONAL.fullmatch(text):
            return
        if sign == "(" and (behalf := BEHALF.fullmatch(text)):
            entry.behalf += self._whom(behalf["whom"])
            if text.lower().startswith("also"):
                entry.notes.append("“also for”: in the name of, or a second statement?")
            return
        if sign == "" and (behalf := BEHALF.match(text)):
            entry.behalf += self._whom(behalf["whom"])
            return
        read = kinds.languages(text)
        if read is not None:
            self._languages(entry, *read)
        elif ANNEX.search(text) and not (sign == "[" and self._other(entry, text)):
            self._annex(entry, text)
        elif SYMBOL.fullmatch(text):
            entry.symbol = text
        elif sign != "[" and dates.alone(text) and (named or (entry.items and not entry.items[-1].date)):
            entry.date = dates.alone(text)
        elif NUMBER.fullmatch(text) and (sign or entry.items):
            for number in re.findall(r"\d+", text):
                self._add(entry, line, number, under, default or under.gives)
        else:
            several = re.split(r"\s*;\s*", text)
            for one in several if all(kinds.contribution(part) for part in several) else [text]:
                self._label(entry, line, one, under, default)

    def _other(self, entry: Entry, text: str) -> bool:
        """Tell whether a bracket that speaks of an annex is an item of its own, with another kind than the annex."""
        kind = kinds.contribution(ANNEX.split(text)[0])
        return kind is not None and not ANNEX.match(text)

    def _languages(self, entry: Entry, read: list[str], others: bool) -> None:
        given = entry.items[-1] if entry.items else None
        if given:
            given.languages = " ".join(dict.fromkeys([*given.languages.split(), *read]))
            if others:
                given.ask("a language outside the six")
            return
        entry.languages += [tag for tag in read if tag not in entry.languages]
        if others:
            entry.notes.append("a language outside the six")

    def _annex(self, entry: Entry, text: str) -> None:
        plain = re.sub(r"\([^)]*\)", "", text)
        counted = re.match(r"(\d+|one|two|three|four)\s", plain, re.IGNORECASE)
        number = WORDS.get(counted[1].lower(), 0) or int(counted[1]) if counted and not dates.find(plain) else 0
        letters = re.search(r"(?:annexes|attachments|appendices) ((?:[A-Z\dIVX]+(?:, | and |; )?)+)", plain)
        number = number or (len(re.findall(r"[A-Z\dIVX]+", letters[1])) if letters else len(ANNEX.findall(plain)))
        if entry.items:
            last = entry.items[-1]
            if not re.search(r"\b(?:to|of) the\b", plain) and dates.find(plain):
                last.ask("an annex with the date of this item is read as its own")
            last.attachments = str(int(last.attachments or 0) + number)
        else:
            entry.attachments += number

    def _label(self, entry: Entry, line: int, label: str, under: Under, default: str = "") -> None:
        """Read the label of an item: its languages, kind, date and text."""
        bare, read, others = kinds.trailing(label)
        self._add(entry, line, bare, under, default or under.gives)
        if TRANSLATION.search(bare):
            entry.items[-1].ask("perhaps a translation of the item before")
        if read or others:
            entry.items[-1].languages = " ".join(read)
            if others:
                entry.items[-1].ask("a language outside the six")

    def _add(self, entry: Entry, line: int, label: str, under: Under, default: str) -> None:
        """Add an item with a label, or a bare one."""
        row = Row(line, len(entry.items) + 1, label_in_source=label)
        found = dates.find(label)
        kind = kinds.contribution(label)
        rest = re.sub(r"[\W\d_]", "", label) if not found else re.sub(r"[\W\d_]", "", label[: found[0].start] + label[found[0].end :])
        row.kind = kind or default or "contribution"
        if not kind and rest and not LINK.match(label) and not (found and not label[: found[0].start].strip()):
            row.kind = "contribution"
            row.ask("the kind is not in the scheme, or not said")
        row.date, row.date_latest = dates.cells(found[0] if found else None)
        if found and found[0].open:
            row.ask(found[0].open)
        texts = self.texts.find(label)
        if BOTH.search(label) and len(under.targets) == 2:
            texts = list(under.targets)
            row.ask("both texts: those of the heading")
        if self.texts.guessed(label) or (under.row.check and INFERRED in under.row.note and not texts):
            row.ask(INFERRED)
        about_other = re.search(r"\bon (?:the )?draft (?:reports|texts)\b", label, re.IGNORECASE)
        row.target = "|".join(texts) or (under.targets[0] if len(under.targets) == 1 and not about_other else "not-stated")
        entry.items.append(row)

    def _finish(self, entry: Entry, line: int, under: Under) -> list[Row]:
        """Give every item what its entry says of all of them."""
        if not entry.items:
            self._add(entry, line, "", under, under.gives)
        for number, row in enumerate(entry.items, 1):
            row.item = number
            row.languages = row.languages or " ".join(entry.languages)
            row.symbol = row.symbol or entry.symbol
            if not row.date:
                row.date, row.date_latest = dates.cells(entry.date) if entry.date else under.day
                if not entry.date and under.day_note:
                    row.ask(under.day_note)
            named(row, entry.actors, entry.behalf)
            for note in entry.notes:
                row.ask(note)
        if entry.attachments:
            entry.items[-1].attachments = str(entry.attachments + int(entry.items[-1].attachments or 0))
        return entry.items


def named(row: Row, given: list[Actor], behalf: list[Actor]) -> None:
    """Write actors into a row, with what a person has to check."""
    given = [actor for actor in given if actor.code or actor.printed]
    row.printed = "|".join(actor.printed for actor in [*given, *behalf] if actor.printed)
    row.actors = _codes(given) or "not-stated"
    row.in_the_name_of = _codes(behalf)
    everyone = [*given, *behalf]
    row.score = f"{min((actor.score for actor in everyone), default=0):.2f}" if everyone else ""
    row.why = "; ".join(dict.fromkeys(actor.why for actor in everyone if actor.why))
    row.rivals = "; ".join(actor.rivals for actor in everyone if actor.rivals)
    for actor in everyone:
        if actor.check:
            row.ask(actor.check)


def _codes(given: list[Actor]) -> str:
    """Join the codes of actors; with one that is open the cell stays a question only where it stands alone."""
    codes = [actor.code for actor in given]
    return "|".join(code for code in codes if code and (len(codes) == 1 or not code.startswith("?")))


def undated(title: str) -> tuple[str, dates.When | None]:
    """Take a date off the end of a title."""
    found = dates.find(title)
    if not found or title[found[-1].end :].strip(" ).,"):
        return title, None
    return title[: found[-1].start].rstrip(" ,(-–:;"), found[-1]


def segments(text: str) -> list[tuple[str, str]]:
    """Divide a text into words and top-level brackets: `("", words)`, `("[", inside)`, `("(", inside)`."""
    text = actors.TITLES.sub(" ", text)
    found: list[tuple[str, str]] = []
    depth, start, sign = 0, 0, ""
    for at, letter in enumerate(text):
        if letter in "[(":
            if not depth:
                found.append(("", text[start:at]))
                start, sign = at + 1, letter
            depth += 1
        elif letter in "])" and depth:
            depth -= 1
            if not depth:
                found.append((sign, text[start:at]))
                start, sign = at + 1, ""
    found.append((sign if depth else "", text[start:]))
    return [(sign, inner.strip()) for sign, inner in found if inner.strip()]
