"""Read the items of a list of contributions into rows: label, author, text concerned, date, languages, annexes."""

import re
from dataclasses import dataclass, field

from oewg_kg.draft import actors, dates, kinds, patterns
from oewg_kg.draft.actors import Actor, Names
from oewg_kg.draft.headings import INFERRED, Under
from oewg_kg.draft.table import Row
from oewg_kg.draft.targets import Texts

ALSO_FOR = "“also for”: in the name of, or a second statement?"
SPOKEN = ("statement", "opening-statement")


@dataclass
class Entry:
    """One entry of a list, named by actors or `titled`: its place, its usual kind, its items, and in `all` what it says about each."""

    line: int
    under: Under
    default: str = ""
    titled: bool = False
    actors: list[Actor] = field(default_factory=list)
    behalf: list[Actor] = field(default_factory=list)
    date: dates.When | None = None
    all: Row = field(default_factory=Row)
    items: list[Row] = field(default_factory=list)

    @property
    def last(self) -> Row:
        """Return the last item or, before the first, what is said about all."""
        return self.items[-1] if self.items else self.all


@dataclass
class Reader:
    """Reads entries, given the known names and texts, and the first day of what is still to come."""

    names: Names
    texts: Texts
    horizon: str = ""

    def entry(self, line: int, text: str, under: Under) -> list[Row]:
        """Read one entry of a list of contributions."""
        pieces = kinds.segments(text)
        name, pieces = self._name(pieces)
        entry = Entry(line, under, under.row.default_kind)
        if patterns.PERSON.match(name) and pieces and pieces[0][0] == "(" and actors.all_sure(self.names, pieces[0][1]):
            name, pieces = pieces[0][1], pieces[1:]  # `Ms. X (Uruguay)`
            entry.all.ask(actors.PERSON_ASKED)
        name, label = self._apart(name)
        kind = kinds.contribution(name)
        labeled = bool(label and kinds.contribution(label))
        if kind and label and not labeled and (speakers := self._series(label)):
            entry.all.ask("several statements on one line")
            for _ in speakers:
                self._add(entry, name)
            return self._finish(entry, speakers)
        titled = kind or patterns.BY.search(name) or patterns.OFFICE.match(name)
        if titled and not labeled and not actors.all_sure(self.names, name):
            return self.titled(line, name if not label else f"{name}: {label}", pieces, under)
        name, *whom = patterns.INSIDE.split(name, maxsplit=1)
        spoken = patterns.BEHALF.fullmatch(label)
        entry.actors = self.names.several(name)
        entry.behalf = actors.whom(self.names, spoken["whom"] if spoken else "".join(whom))
        if any(actor.code == "post/chair" for actor in entry.actors):
            entry.all.ask("the speaker is named by post")
        if len(entry.actors) > 1 and under.row.default_kind in SPOKEN and not label:
            entry.all.ask("one speaker for several, or several statements?")
        if patterns.ALSO.search(text):
            entry.all.ask(ALSO_FOR)
        if label and not spoken:
            self._add(entry, label)
        for sign, inner in pieces:
            self._piece(entry, sign, inner)
        return self._finish(entry)

    def titled(self, line: int, title: str, pieces: list[tuple[str, str]], under: Under) -> list[Row]:
        """Read an entry named by its title: `Joint proposal by A and B on C [EN]`."""
        entry = Entry(line, under, titled=True)
        while pieces and not pieces[0][0] and pieces[0][1][0].islower() and not patterns.BEHALF.match(pieces[0][1]):
            title, pieces = f"{title} {pieces[0][1]}", pieces[1:]  # `(CARICOM) during the meeting`
        entry.all.symbol, title = kinds.symbol(title.strip(" ,;:"))
        entry.actors, entry.behalf = actors.of_title(self.names, title)
        unnamed = not entry.actors and re.match(r"joint\b", title, re.IGNORECASE)
        if patterns.LAUNCHED.search(title) or unnamed:
            printed = "|".join(actor.printed for actor in entry.actors)
            entry.actors = [Actor(printed, "NEW:authors not named", check="unnamed joint authors")]
        if not entry.actors:
            entry.all.ask("no author is named: perhaps the one on a line above")
        entry.default = kinds.contribution(title) or under.row.default_kind
        for sign, inner in pieces:
            self._piece(entry, sign, inner)
        if not entry.items:
            title, when = dates.undated(title)
            entry.date = entry.date or when
            self._add(entry, title, title=True)
        elif not any(self.texts.find(row.label_in_source) for row in entry.items):
            about = "|".join(self.texts.find(title))
            for row in entry.items:
                row.target = about or row.target
        return self._finish(entry)

    def by_title(self, line: int, title: str, under: Under) -> list[Row]:
        """Read the title of a contribution whose author is elsewhere, as in a table."""
        entry = Entry(line, under, under.row.default_kind)
        bare = "".join(inner if not sign else f" ({inner})" for sign, inner in kinds.segments(title) if sign != "[")
        bare, entry.date = dates.undated(" ".join(bare.split()))
        self._add(entry, bare, title=True)
        return self._finish(entry)

    def _name(self, pieces: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
        """Split off the name at the front, with brackets that belong to it, such as an acronym."""
        name, rest = (pieces[0][1], pieces[1:]) if pieces and not pieces[0][0] else ("", pieces)
        while name and rest and rest[0][0] == "(" and self._of_name(name, rest[0][1]):
            name, rest = f"{name} ({rest[0][1]})", rest[1:]
        return name, rest

    def _of_name(self, name: str, inner: str) -> bool:
        joined = self.names.one(f"{name} ({inner})")
        languages = kinds.languages(inner) is not None
        if actors.sure(joined) or languages or dates.find(inner) or patterns.ANNEX.search(inner):
            return actors.sure(joined) and not languages
        return bool(
            patterns.ACRONYM.fullmatch(inner.strip()) and inner.strip().upper() == inner.strip() and len(inner) > 1
        )

    def _apart(self, name: str) -> tuple[str, str]:
        """Divide `name: label` and `name - label`, unless the front is a title."""
        for sign in (r":\s+", r"\s+[-–—]\s+"):
            parts = re.split(sign, name, maxsplit=1)
            if len(parts) == 2 and parts[0].strip() and not actors.sure(self.names.one(name)):
                return parts[0].strip(), parts[1].strip()
        front, _, rest = name.partition(", ")
        if rest and kinds.contribution(rest) and actors.all_sure(self.names, front):
            return front.strip(), rest.strip()
        return name, ""

    def _series(self, label: str) -> list[Actor]:
        """Read the speakers of `Rights of reply: A, B, A`, of which each has an item; none if a name is unknown."""
        found = self.names.several(label)
        return found if all(not actor.code.startswith("NEW:") for actor in found) else []

    def _piece(self, entry: Entry, sign: str, inner: str) -> None:
        """Read what one bracket, or the words between brackets, say about an entry."""
        text = inner.strip(" ,;:-–")
        if not text or text in ("and", "&") or patterns.NATIONAL.fullmatch(text):
            return
        if sign != "[" and (behalf := patterns.BEHALF.match(text)):
            entry.behalf += actors.whom(self.names, behalf["whom"])
            return
        if entry.titled and sign == "" and not entry.actors and actors.all_sure(self.names, text):
            entry.actors = self.names.several(text)
            return
        tags = kinds.languages(text)
        if tags is not None:
            entry.last.speaks(tags)
        elif patterns.ANNEX.search(text) and not (sign == "[" and kinds.contribution(patterns.ANNEX.split(text)[0])):
            plain = re.sub(r"\([^)]*\)", "", text)
            if entry.items and not re.search(r"\b(?:to|of) the\b", plain) and dates.find(plain):
                entry.last.ask("an annex with the same date is taken to belong to this item")
            entry.last.attach(kinds.annexes(text))
        elif (symbol := patterns.SYMBOL.match(text)) and not kinds.contribution(text):
            entry.all.symbol = symbol[0]
        elif sign != "[" and (entry.titled or (entry.items and not entry.last.date)) and (when := dates.alone(text)):
            entry.date = when if dates.single(when) or not entry.titled else None  # several are the days of a meeting
        elif patterns.NUMBER.fullmatch(text) and (sign or entry.items):
            for number in re.findall(r"\d+", text):
                self._add(entry, number)
        else:
            several = re.split(r"\s*;\s*", text)
            for label in several if all(map(kinds.contribution, several)) else [text]:
                self._add(entry, label)

    def _add(self, entry: Entry, printed: str, title: bool = False) -> None:
        """Add an item with its label, languages, kind, date and text, or a bare one; a title without a kind has that of its list."""
        under = entry.under
        label, tags = kinds.trailing(printed)
        row = Row(entry.line, len(entry.items) + 1, label_in_source=label)
        found = [when for when in dates.find(label) if not title or dates.single(when)]
        kind = kinds.contribution(label)
        row.kind = kind or entry.default or "contribution"
        dated = bool(found) and not label[: found[0].start].strip()
        known = kind or dated or patterns.LINK.match(label) or (title and entry.default)
        if not known and re.search(r"[^\W\d_]", label):
            row.kind = "contribution"
            row.ask("the kind is unknown or not stated")
        row.dated(found[0] if found else None)
        texts = self.texts.find(label, f"L{entry.line}")
        if patterns.BOTH.search(label) and len(under.targets) == 2:
            texts = list(under.targets)
            row.ask("both texts named in the heading are taken")
        if self.texts.guessed(label) or (under.row.check and INFERRED in under.row.note and not texts):
            row.ask(INFERRED)
        if not texts and len(under.targets) == 1 and not patterns.OTHER_TEXTS.search(label):
            texts = list(under.targets)
        row.target = "|".join(texts) or "not-stated"
        if patterns.TRANSLATION.search(label):
            row.ask("perhaps a translation of the item before")
        row.speaks(tags)
        entry.items.append(row)

    def _finish(self, entry: Entry, speakers: list[Actor] | None = None) -> list[Row]:
        """Add to every item what its entry says about all items; with `speakers`, each item has its own."""
        if not entry.items:
            self._add(entry, "")
        for row in entry.items:
            row.languages, row.symbol = row.languages or entry.all.languages, row.symbol or entry.all.symbol
            if not row.date:
                row.date, row.date_latest = dates.cells(entry.date) if entry.date else entry.under.day
                if not entry.date and entry.under.day_note:
                    row.ask(entry.under.day_note)
            actors.named(row, [speakers[row.item - 1]] if speakers else entry.actors, entry.behalf)
            for note in filter(None, entry.all.note.split("; ")):
                row.ask(note)
        if entry.all.attachments:
            entry.last.attach(int(entry.all.attachments))
        return entry.items
