"""Read the entries of a list of contributions into rows, one for each item: label, author, text concerned, date, languages, annexes."""

import re
from dataclasses import dataclass, field

from oewg_kg.draft import actors, dates, kinds, patterns
from oewg_kg.draft.actors import Actor, ActorNames
from oewg_kg.draft.headings import INFERRED, Under
from oewg_kg.draft.table import Row
from oewg_kg.draft.targets import Texts

ALSO_FOR = "“also for”: in the name of, or a second statement?"
SPOKEN = ("statement", "opening-statement")


@dataclass
class Entry:
    """One entry of a list, named by actors or `titled`: its line, its usual kind, its items, and in `shared` what it says about each."""

    line: int
    under: Under
    default_kind: str = ""
    titled: bool = False
    actors: list[Actor] = field(default_factory=list)
    behalf: list[Actor] = field(default_factory=list)
    date: dates.PrintedDate | None = None
    shared: Row = field(default_factory=Row)
    items: list[Row] = field(default_factory=list)

    @property
    def last(self) -> Row:
        """Return the last item or, before the first, what is said about all."""
        return self.items[-1] if self.items else self.shared


@dataclass
class Reader:
    """Reads entries, given the known names and texts, and the first day of what is still to come."""

    names: ActorNames
    texts: Texts
    horizon: str = ""

    def entry_rows(self, line: int, text: str, under: Under) -> list[Row]:
        """Read one entry of a list of contributions."""
        pieces = kinds.segments(text)
        name, pieces = self._front_name(pieces)
        entry = Entry(line, under, under.row.default_kind)
        if patterns.PERSON.match(name) and pieces and pieces[0][0] == "(" and actors.all_sure(self.names, pieces[0][1]):
            name, pieces = pieces[0][1], pieces[1:]  # `Ms. X (Uruguay)`
            entry.shared.ask(actors.PERSON_ASKED)
        name, label = self._split_label(name)
        contribution_kind = kinds.contribution(name)
        label_is_kind = bool(label and kinds.contribution(label))
        if contribution_kind and label and not label_is_kind and (speakers := self._speakers(label)):
            entry.shared.ask("several statements on one line")
            for _ in speakers:
                self._add_item(entry, name)
            return self._complete_items(entry, speakers)
        is_titled = contribution_kind or patterns.BY.search(name) or patterns.OFFICE.match(name)
        if is_titled and not label_is_kind and not actors.all_sure(self.names, name):
            return self.titled_rows(line, name if not label else f"{name}: {label}", pieces, under)
        name, *behalf_words = patterns.INSIDE.split(name, maxsplit=1)
        behalf_match = patterns.BEHALF.fullmatch(label)
        entry.actors = self.names.actors_named(name)
        entry.behalf = actors.on_behalf(self.names, behalf_match["whom"] if behalf_match else "".join(behalf_words))
        if any(actor.code == "post/chair" for actor in entry.actors):
            entry.shared.ask("the speaker is named by post")
        if len(entry.actors) > 1 and under.row.default_kind in SPOKEN and not label:
            entry.shared.ask("one speaker for several, or several statements?")
        if patterns.ALSO.search(text):
            entry.shared.ask(ALSO_FOR)
        if label and not behalf_match:
            self._add_item(entry, label)
        for sign, inner in pieces:
            self._read_piece(entry, sign, inner)
        return self._complete_items(entry)

    def titled_rows(self, line: int, title: str, pieces: list[tuple[str, str]], under: Under) -> list[Row]:
        """Read an entry named by its title: `Joint proposal by A and B on C [EN]`."""
        entry = Entry(line, under, titled=True)
        while pieces and not pieces[0][0] and pieces[0][1][0].islower() and not patterns.BEHALF.match(pieces[0][1]):
            title, pieces = f"{title} {pieces[0][1]}", pieces[1:]  # `(CARICOM) during the meeting`
        entry.shared.symbol, title = kinds.split_symbol(title.strip(" ,;:"))
        entry.actors, entry.behalf = actors.authors_in_title(self.names, title)
        is_unnamed = not entry.actors and re.match(r"joint\b", title, re.IGNORECASE)
        if patterns.LAUNCHED.search(title) or is_unnamed:
            printed = "|".join(actor.printed for actor in entry.actors)
            entry.actors = [Actor(printed, "NEW:authors not named", check="unnamed joint authors")]
        if not entry.actors:
            entry.shared.ask("no author is named: perhaps the one on a line above")
        entry.default_kind = kinds.contribution(title) or under.row.default_kind
        for sign, inner in pieces:
            self._read_piece(entry, sign, inner)
        if not entry.items:
            title, when = dates.undated(title)
            entry.date = entry.date or when
            self._add_item(entry, title, title=True)
        elif not any(self.texts.find(row.label_in_source) for row in entry.items):
            targets = "|".join(self.texts.find(title))
            for row in entry.items:
                row.target = targets or row.target
        return self._complete_items(entry)

    def rows_by_title(self, line: int, title: str, under: Under) -> list[Row]:
        """Read the title of a contribution whose author is elsewhere, as in a table."""
        entry = Entry(line, under, under.row.default_kind)
        words = "".join(inner if not sign else f" ({inner})" for sign, inner in kinds.segments(title) if sign != "[")
        words, entry.date = dates.undated(" ".join(words.split()))
        self._add_item(entry, words, title=True)
        return self._complete_items(entry)

    def _front_name(self, pieces: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]]]:
        """Split off the name at the front, with brackets that belong to it, such as an acronym."""
        name, brackets = (pieces[0][1], pieces[1:]) if pieces and not pieces[0][0] else ("", pieces)
        while name and brackets and brackets[0][0] == "(" and self._belongs_to_name(name, brackets[0][1]):
            name, brackets = f"{name} ({brackets[0][1]})", brackets[1:]
        return name, brackets

    def _belongs_to_name(self, name: str, inner: str) -> bool:
        actor = self.names.actor_named(f"{name} ({inner})")
        is_language = kinds.languages(inner) is not None
        if actors.is_sure(actor) or is_language or dates.find(inner) or patterns.ANNEX.search(inner):
            return actors.is_sure(actor) and not is_language
        return bool(
            patterns.ACRONYM.fullmatch(inner.strip()) and inner.strip().upper() == inner.strip() and len(inner) > 1
        )

    def _split_label(self, name: str) -> tuple[str, str]:
        """Divide `name: label` and `name - label`, unless the front is a title."""
        for sign in (r":\s+", r"\s+[-–—]\s+"):
            halves = re.split(sign, name, maxsplit=1)
            if len(halves) == 2 and halves[0].strip() and not actors.is_sure(self.names.actor_named(name)):
                return halves[0].strip(), halves[1].strip()
        author, _, label = name.partition(", ")
        if label and kinds.contribution(label) and actors.all_sure(self.names, author):
            return author.strip(), label.strip()
        return name, ""

    def _speakers(self, label: str) -> list[Actor]:
        """Read the speakers of `Rights of reply: A, B, A`, of which each has an item; none if a name is unknown."""
        speakers = self.names.actors_named(label)
        return speakers if all(not actor.code.startswith("NEW:") for actor in speakers) else []

    def _read_piece(self, entry: Entry, sign: str, inner: str) -> None:
        """Read what one bracket, or the words between brackets, say about an entry."""
        text = inner.strip(" ,;:-–")
        if not text or text in ("and", "&") or patterns.NATIONAL.fullmatch(text):
            return
        if sign != "[" and (behalf := patterns.BEHALF.match(text)):
            entry.behalf += actors.on_behalf(self.names, behalf["whom"])
            return
        if entry.titled and sign == "" and not entry.actors and actors.all_sure(self.names, text):
            entry.actors = self.names.actors_named(text)
            return
        tags = kinds.languages(text)
        if tags is not None:
            entry.last.speaks(tags)
        elif patterns.ANNEX.search(text) and not (sign == "[" and kinds.contribution(patterns.ANNEX.split(text)[0])):
            unbracketed = re.sub(r"\([^)]*\)", "", text)
            if entry.items and not re.search(r"\b(?:to|of) the\b", unbracketed) and dates.find(unbracketed):
                entry.last.ask("an annex with the same date is taken to belong to this item")
            entry.last.attach(kinds.annexes(text))
        elif (symbol := patterns.SYMBOL.match(text)) and not kinds.contribution(text):
            entry.shared.symbol = symbol[0]
        elif sign != "[" and (entry.titled or (entry.items and not entry.last.date)) and (when := dates.alone(text)):
            # Several are the days of a meeting.
            entry.date = when if dates.is_single(when) or not entry.titled else None
        elif patterns.NUMBER.fullmatch(text) and (sign or entry.items):
            for number in re.findall(r"\d+", text):
                self._add_item(entry, number)
        else:
            labels = re.split(r"\s*;\s*", text)
            for label in labels if all(map(kinds.contribution, labels)) else [text]:
                self._add_item(entry, label)

    def _add_item(self, entry: Entry, printed: str, title: bool = False) -> None:
        """Add an item with its label, languages, kind, date and text, or a bare one; a title without a kind has that of its list."""
        under = entry.under
        label, tags = kinds.split_languages(printed)
        row = Row(entry.line, len(entry.items) + 1, label_in_source=label)
        days = [when for when in dates.find(label) if not title or dates.is_single(when)]
        kind = kinds.contribution(label)
        row.kind = kind or entry.default_kind or "contribution"
        begins_with_date = bool(days) and not label[: days[0].start].strip()
        recognized = kind or begins_with_date or patterns.LINK.match(label) or (title and entry.default_kind)
        if not recognized and re.search(r"[^\W\d_]", label):
            row.kind = "contribution"
            row.ask("the kind is unknown or not stated")
        row.dated(days[0] if days else None)
        targets = self.texts.find(label, f"L{entry.line}")
        if patterns.BOTH.search(label) and len(under.targets) == 2:
            targets = list(under.targets)
            row.ask("both texts named in the heading are taken")
        if self.texts.guessed(label) or (under.row.check and INFERRED in under.row.note and not targets):
            row.ask(INFERRED)
        if not targets and len(under.targets) == 1 and not patterns.OTHER_TEXTS.search(label):
            targets = list(under.targets)
        row.target = "|".join(targets) or "not-stated"
        if patterns.TRANSLATION.search(label):
            row.ask("perhaps a translation of the item before")
        row.speaks(tags)
        entry.items.append(row)

    def _complete_items(self, entry: Entry, speakers: list[Actor] | None = None) -> list[Row]:
        """Add to every item what its entry says about all items; with `speakers`, each item has its own."""
        if not entry.items:
            self._add_item(entry, "")
        for row in entry.items:
            row.languages, row.symbol = row.languages or entry.shared.languages, row.symbol or entry.shared.symbol
            if not row.date:
                row.date, row.date_latest = dates.cells(entry.date) if entry.date else entry.under.day
                if not entry.date and entry.under.day_note:
                    row.ask(entry.under.day_note)
            actors.fill_actors(row, [speakers[row.item - 1]] if speakers else entry.actors, entry.behalf)
            for note in filter(None, entry.shared.note.split("; ")):
                row.ask(note)
        if entry.shared.attachments:
            entry.last.attach(int(entry.shared.attachments))
        return entry.items
