"""Write accepted rows as named graphs, one for each line (`row.trig.jinja`); the headings above give their process and event."""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from oewg_kg import terms, texts
from oewg_kg.draft import dates, kinds, patterns, table
from oewg_kg.draft.parties import Parties, Undecided, node, resolution, slug
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import PREF_LABEL, PREFIXES, declarations

# How rows of a kind are written; those of other kinds as documents or contributions.
FORMS = {kind: "event" for kind in kinds.EVENT_KINDS}
FORMS |= {kind: kind for kind in ("none", "day", "process", "list", "deadline", "resolution", "adoption")}
FORMS |= dict.fromkeys(("by-email", "by-link", "by-concept-note"), "registration")
DECIDED = ("actors", "in_the_name_of", "kind", "target", "date")


class Writer:
    """Writes the graphs of one page; knows all its rows, which lines are accepted, and what the graph already states."""

    def __init__(self, store: ox.Store, source: str, rows: dict[int, list[Row]], accepted: Iterable[int]) -> None:
        """Gather the labels already in use."""
        self.store, self.source, self.rows, self.accepted = store, source, rows, set(accepted)
        self.page = source.rpartition("/")[2]
        self.first = {line: some[0] for line, some in rows.items()}
        self.parties = Parties(store, self.page)
        self.called: dict[str, str] = {}
        self.labels = {label for _, label in terms.pairs(store, PREF_LABEL)}

    def line(self, number: int) -> list[ox.Quad]:
        """Write the graph of a line, and in the default graph the actors that it adds to `data/actors`; raises Undecided."""
        rows, graph = self.rows[number], self._line(number)
        cells = (text for row in rows for text in (row.printed, row.label_in_source, row.note))
        if any(patterns.EMAIL.search(text) or patterns.PHONE.search(text) for text in cells):
            raise Undecided("a cell contains an address or a telephone number; remove it")
        self.parties.own.clear()
        text = "".join(map(self._row, rows))
        if "oewg:lineStatus" not in text:
            above = rows[0].heading_line
            text += (
                f"{graph} oewg:underHeading {self._line(above)} ." if above else f"{graph} oewg:underNoHeading true ."
            )
        own = "".join(texts.filled("draft/actor.ttl.jinja", actor=actor) for actor in self.parties.own)
        trig = f"{declarations()}{own}{graph} {{\n{text}\n}}"
        try:
            return list(dict.fromkeys(ox.parse(trig, format=ox.RdfFormat.TRIG)))
        except SyntaxError as error:
            raise Undecided(f"a cell contains something that cannot be written: {error}") from error

    def _line(self, number: object) -> str:
        return f"<{self.source}#L{number}>"

    def _row(self, row: Row) -> str:
        """Write what a row states as Turtle."""
        opened = [name for name in DECIDED if getattr(row, name).startswith("?")]
        if opened or not row.kind:
            raise Undecided(f"still to be decided: {' and '.join(opened) or 'kind'}")
        above = table.above(self.first, row)
        heading = above[0] if above else Row()
        event = self._session(row)
        form = self._form(row, heading, event)
        process = "" if form in ("none", "day") else self._process(row)
        listed = node(self._list(row if form == "list" else heading))
        thing = self._thing(row, form, listed)
        return texts.filled(
            "draft/row.trig.jinja", row=row, form=form, heading=heading, event=event and node(event), process=process,
            listed=listed, thing=thing, page=self.page, line=self._line, node=node, target=self._target,
            parts=lambda: self._parts(row), actors=lambda: self.parties.of_row(row, heading.listed_as, process),
            initiators=self.parties.initiators, printed_date=lambda: _printed_date(row), moved=lambda: _moved(row),
            chair=patterns.CHAIR_WORD.search(row.words), honorifics=dict.fromkeys(patterns.NOTED.findall(row.words)),
            kind_label=lambda: terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind,
            label=lambda text: self._label(text, row, thing.value), fresh=lambda text: self._label(text, row),
        )  # fmt: skip

    def _form(self, row: Row, heading: Row, event: str) -> str:
        """Choose how a row is written; raises Undecided for a form that its place on the page does not allow."""
        if row.kind == "day" and not event:
            raise Undecided("no event includes this day; record the line by hand")
        listed = heading.kind == "list"
        document = row.kind in kinds.DOCUMENT_KINDS and not (listed and heading.default_kind)
        form = FORMS.get(row.kind, "document" if document else "contribution")
        if form == "contribution" and not listed:
            raise Undecided("the row is not in a list; correct the column heading_line")
        return form

    def _thing(self, row: Row, form: str, listed: ox.NamedNode) -> ox.NamedNode:
        """Name the entity that a row introduces."""
        name = f"{self.page}-{row.line}-{row.item}"
        if form == "event":
            return node(self._event(row))
        if form == "process":
            return node(self._process(row))
        if form == "resolution":
            return node(resolution(row))
        if form == "contribution":
            code = next((code for code in row.actors.split("|") if re.search(r"^(?:NEW:)?[a-z]+[/:]\w", code)), "")
            unnamed = "unnamed" if row.actors == "not-stated" else "joint"
            actor = code.removeprefix("NEW:").rpartition("/")[2] or unnamed
            return node(f"contribution:{listed.value.rpartition('/')[2]}-{actor}-{row.line}-{row.item}")
        return node(f"{ {'deadline': 'deadline', 'adoption': 'event'}.get(form, 'document') }:{name}")

    def _list(self, row: Row) -> str:
        return terms.expand(row.list) or f"list:{row.list.removeprefix('list/') or f'{self.page}-{row.line}'}"

    def _session(self, row: Row) -> str:
        """Find the event under whose heading a row is."""
        above = table.above(self.first, row)
        return next((self._event(one) for one in above if one.kind in kinds.EVENT_KINDS), "")

    def _process(self, row: Row) -> str:
        """Find the process: of the row, of a heading above it, or the only one that the table names."""
        named = [one.process for one in (row, *table.above(self.first, row)) if one.process]
        everywhere = {one.process for rows in self.rows.values() for one in rows if one.process}
        if not named and len(everywhere) != 1:
            raise Undecided("the process is missing; write process:... in the column process, next to the page's title")
        name = next(iter([*named, *everywhere]))
        return str(node(name if re.search("[:/]", name) else f"process:{name}"))

    def _event(self, row: Row) -> str:
        """Name the event of a row; a heading may say on which line of the page the same event is (`L9` as its target)."""
        same = re.fullmatch(r"L(\d+)", row.target)
        if same and int(same[1]) != row.line and row.kind in kinds.EVENT_KINDS:
            row = next((one for one in self.rows.get(int(same[1]), []) if one.kind in kinds.EVENT_KINDS), row)
        name = f"event:{self.page}-{row.line}-{row.item}"
        if row.kind == "side-event" and (session := self._session(row)):
            aside = [one for rows in self.rows.values() for one in rows if one.kind == "side-event"]
            same_session = [one for one in aside if self._session(one) == session]
            name = f"{session}-side-{same_session.index(row) + 1}"
        return self._known(row.line, "Event Session Meeting SideEvent") or name

    def _target(self, written: str) -> ox.NamedNode:
        """Find the document, a part of it (`L4 > Box II`) or the event that a target names; raises Undecided."""
        text, _, part = (piece.strip() for piece in written.partition(">"))
        found = self._text(text)
        return ox.NamedNode(f"{found.value}-{slug(part)}") if part else found

    def _parts(self, row: Row) -> Iterator[tuple[ox.NamedNode, ox.NamedNode, str]]:
        """Find the parts of texts that a target names and the line prints: the part, its text, its name."""
        for written in row.target.split("|"):
            text, _, part = (piece.strip() for piece in written.partition(">"))
            if part and part in row.words:
                yield self._target(written), self._text(text), part

    def _text(self, written: str) -> ox.NamedNode:
        """Find a document or event by its line on this page, or by its code; raises Undecided."""
        if not written:
            raise Undecided("the target is missing; write the line of the event or text (L12) in the column target")
        if not re.fullmatch(r"L\d+", written):
            return node(written)
        line = int(written[1:])
        for row in self.rows.get(line, []):
            if row.kind in kinds.EVENT_KINDS:
                return node(self._event(row))
            if row.kind in kinds.DOCUMENT_KINDS and line in self.accepted:
                return node(f"document:{self.page}-{line}-{row.item}")
        known = self._known(line, "Document Draft Resolution")
        if not known:
            raise Undecided(f"its target, line {line}, has not been accepted yet")
        return node(known)

    def _known(self, line: int, classes: str) -> str:
        """Find the entity of some classes that a line's graph already names."""
        graph = ox.NamedNode(f"{self.source}#L{line}")
        for name in classes.split():
            for quad in self.store.quads_for_pattern(None, node("rdf:type"), node(f"oewg:{name}"), graph):
                return terms.text_of(quad.subject)
        return ""

    def _label(self, text: str, row: Row, thing: str = "") -> str:
        """Write a label that nothing else has; an entity that has one keeps it."""
        label = " ".join(text.split())
        known = (terms.label(self.store, thing) or self.called.get(thing)) if thing else None
        if not known and label in self.labels:
            label += f" ({self.page}, line {row.line}, item {row.item})"
        label = known or label
        self.labels.add(label)
        self.called[thing] = label
        return label


def _printed_date(row: Row) -> str:
    found = (when for when in dates.find(row.words) if dates.cells(when)[0] == row.date)
    return next((row.words[one.start : one.end] for one in found), f"{row.date} to {row.date_latest}")


def _moved(row: Row) -> tuple[str, str]:
    """Read for which days an event that was moved had been planned; raises Undecided if the line does not print them."""
    found = [dates.cells(when, event=True) for when in dates.find(row.words) if not when.open]
    first = next((days for days in found if days[0] != row.date), None)
    if not first:
        raise Undecided("the line does not say for which date the event was planned; record the line by hand")
    return first


def by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.line, []).append(row)
    return found
