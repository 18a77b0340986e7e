"""Write accepted rows as named graphs, one for each line (`row.trig.jinja`); the headings above give their process and event."""

import re
from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from oewg_kg import terms, texts
from oewg_kg.draft import dates, kinds, patterns, table
from oewg_kg.draft.parties import Parties, Undecided, resolution_iri, slug, term_of
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import PREF_LABEL, PREFIXES, declarations

# How rows of a kind are written; those of other kinds as documents or contributions.
KIND_FORMS = {kind: "event" for kind in kinds.EVENT_KINDS}
KIND_FORMS |= {kind: kind for kind in ("none", "day", "process", "list", "deadline", "resolution", "adoption")}
KIND_FORMS |= dict.fromkeys(("by-email", "by-link", "by-concept-note"), "registration")
DECIDED_COLUMNS = ("actors", "in_the_name_of", "kind", "target", "date")


class Writer:
    """Writes the graphs of one page; knows all its rows, which lines are accepted, and what the graph already states."""

    def __init__(self, store: ox.Store, source: str, rows: dict[int, list[Row]], accepted: Iterable[int]) -> None:
        """Gather the labels already in use."""
        self.store, self.source, self.rows, self.accepted = store, source, rows, set(accepted)
        self.page = source.rpartition("/")[2]
        self.first_rows = {line: line_rows[0] for line, line_rows in rows.items()}
        self.parties = Parties(store, self.page)
        self.labels_given: dict[str, str] = {}
        self.labels_taken = {label for _, label in terms.pairs(store, PREF_LABEL)}

    def quads_of(self, number: int) -> list[ox.Quad]:
        """Write the graph of a line, and in the default graph the actors that it adds to `data/actors`; raises Undecided."""
        rows, graph = self.rows[number], self._line_iri(number)
        cells = (cell for row in rows for cell in (row.printed, row.label_in_source, row.note))
        if any(patterns.EMAIL.search(cell) or patterns.PHONE.search(cell) for cell in cells):
            raise Undecided("a cell contains an address or a telephone number; remove it")
        self.parties.new_on_line.clear()
        statements = "".join(map(self._row_turtle, rows))
        if "oewg:lineStatus" not in statements:
            heading = rows[0].heading_line
            above = f"oewg:underHeading {self._line_iri(heading)}" if heading else "oewg:underNoHeading true"
            statements += f"{graph} {above} ."
        new_actors = "".join(texts.filled("draft/actor.ttl.jinja", actor=actor) for actor in self.parties.new_on_line)
        trig = f"{declarations()}{new_actors}{graph} {{\n{statements}\n}}"
        try:
            return list(dict.fromkeys(ox.parse(trig, format=ox.RdfFormat.TRIG)))
        except SyntaxError as error:
            raise Undecided(f"a cell contains something that cannot be written: {error}") from error

    def _line_iri(self, number: object) -> str:
        return f"<{self.source}#L{number}>"

    def _row_turtle(self, row: Row) -> str:
        """Write what a row states as Turtle."""
        undecided = [column for column in DECIDED_COLUMNS if getattr(row, column).startswith("?")]
        if undecided or not row.kind:
            raise Undecided(f"still to be decided: {' and '.join(undecided) or 'kind'}")
        headings = table.headings_above(self.first_rows, row)
        heading = headings[0] if headings else Row()
        event = self._event_above(row)
        form = self._form(row, heading, event)
        process = "" if form in ("none", "day") else self._process(row)
        listed = term_of(self._list_name(row if form == "list" else heading))
        entity = self._entity(row, form, listed)
        return texts.filled(
            "draft/row.trig.jinja", row=row, form=form, heading=heading, event=event and term_of(event), process=process,
            listed=listed, entity=entity, page=self.page, line=self._line_iri, term_of=term_of, target=self._target_term,
            document_parts=lambda: self._document_parts(row), initiators=self.parties.initiators,
            actors=lambda: self.parties.of_row(row, heading.listed_as, process),
            printed_date=lambda: _printed_date(row), planned_days=lambda: _planned_days(row),
            chair=patterns.CHAIR_WORD.search(row.words), honorifics=dict.fromkeys(patterns.NOTED.findall(row.words)),
            kind_label=lambda: terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind,
            label=lambda text, entity_iri=entity.value: self._unique_label(text, row, entity_iri),
        )  # fmt: skip

    def _form(self, row: Row, heading: Row, event: str) -> str:
        """Choose how a row is written; raises Undecided for a form that its place on the page does not allow."""
        if row.kind == "day" and not event:
            raise Undecided("no event includes this day; record the line by hand")
        in_list = heading.kind == "list"
        is_document = row.kind in kinds.DOCUMENT_KINDS and not (in_list and heading.default_kind)
        form = KIND_FORMS.get(row.kind, "document" if is_document else "contribution")
        if form == "contribution" and not in_list:
            raise Undecided("the row is not in a list; correct the column heading_line")
        return form

    def _entity(self, row: Row, form: str, listed: ox.NamedNode) -> ox.NamedNode:
        """Name the entity that a row introduces."""
        name = f"{self.page}-{row.line}-{row.item}"
        if form == "event":
            return term_of(self._event_name(row))
        if form == "process":
            return term_of(self._process(row))
        if form == "resolution":
            return term_of(resolution_iri(row))
        if form == "contribution":
            code = next((code for code in row.actors.split("|") if re.search(r"^(?:NEW:)?[a-z]+[/:]\w", code)), "")
            nameless = "unnamed" if row.actors == "not-stated" else "joint"
            actor = code.removeprefix("NEW:").rpartition("/")[2] or nameless
            return term_of(f"contribution:{listed.value.rpartition('/')[2]}-{actor}-{row.line}-{row.item}")
        return term_of(f"{ {'deadline': 'deadline', 'adoption': 'event'}.get(form, 'document') }:{name}")

    def _list_name(self, row: Row) -> str:
        return terms.expand(row.list) or f"list:{row.list.removeprefix('list/') or f'{self.page}-{row.line}'}"

    def _event_above(self, row: Row) -> str:
        """Find the event under whose heading a row is."""
        headings = table.headings_above(self.first_rows, row)
        return next((self._event_name(heading) for heading in headings if heading.kind in kinds.EVENT_KINDS), "")

    def _process(self, row: Row) -> str:
        """Find the process: of the row, of a heading above it, or the only one that the table names."""
        headings = table.headings_above(self.first_rows, row)
        above = [heading.process for heading in (row, *headings) if heading.process]
        in_table = {other.process for line_rows in self.rows.values() for other in line_rows if other.process}
        if not above and len(in_table) != 1:
            raise Undecided("the process is missing; write process:... in the column process, next to the page's title")
        name = next(iter([*above, *in_table]))
        return str(term_of(name if re.search("[:/]", name) else f"process:{name}"))

    def _event_name(self, row: Row) -> str:
        """Name the event of a row; a heading may say on which line of the page the same event is (`L9` as its target)."""
        target = re.fullmatch(r"L(\d+)", row.target)
        if target and int(target[1]) != row.line and row.kind in kinds.EVENT_KINDS:
            row = next((other for other in self.rows.get(int(target[1]), []) if other.kind in kinds.EVENT_KINDS), row)
        name = f"event:{self.page}-{row.line}-{row.item}"
        if row.kind == "side-event" and (session := self._event_above(row)):
            others = (other for line_rows in self.rows.values() for other in line_rows if other.kind == "side-event")
            siblings = [side_event for side_event in others if self._event_above(side_event) == session]
            name = f"{session}-side-{siblings.index(row) + 1}"
        return self._known_entity(row.line, "Event Session Meeting SideEvent") or name

    def _target_term(self, target: str) -> ox.NamedNode:
        """Find the document, a part of it (`L4 > Box II`) or the event that a target names; raises Undecided."""
        text, _, part = (piece.strip() for piece in target.partition(">"))
        text_term = self._text_term(text)
        return ox.NamedNode(f"{text_term.value}-{slug(part)}") if part else text_term

    def _document_parts(self, row: Row) -> Iterator[tuple[ox.NamedNode, ox.NamedNode, str]]:
        """Find the parts of texts that a target names and the line prints: the part, its text, its name."""
        for target in row.target.split("|"):
            text, _, part = (piece.strip() for piece in target.partition(">"))
            if part and part in row.words:
                yield self._target_term(target), self._text_term(text), part

    def _text_term(self, target: str) -> ox.NamedNode:
        """Find a document or event by its line on this page, or by its code; raises Undecided."""
        if not target:
            raise Undecided("the target is missing; write the line of the event or text (L12) in the column target")
        if not re.fullmatch(r"L\d+", target):
            return term_of(target)
        line = int(target[1:])
        for row in self.rows.get(line, []):
            if row.kind in kinds.EVENT_KINDS:
                return term_of(self._event_name(row))
            if row.kind in kinds.DOCUMENT_KINDS and line in self.accepted:
                return term_of(f"document:{self.page}-{line}-{row.item}")
        known_entity = self._known_entity(line, "Document Draft Resolution")
        if not known_entity:
            raise Undecided(f"its target, line {line}, has not been accepted yet")
        return term_of(known_entity)

    def _known_entity(self, line: int, classes: str) -> str:
        """Find the entity of some classes that a line's graph already names."""
        graph = ox.NamedNode(f"{self.source}#L{line}")
        for class_name in classes.split():
            for quad in self.store.quads_for_pattern(None, term_of("rdf:type"), term_of(f"oewg:{class_name}"), graph):
                return terms.text_of(quad.subject)
        return ""

    def _unique_label(self, text: str, row: Row, entity: str = "") -> str:
        """Write a label that nothing else has; an entity that has one keeps it."""
        label = " ".join(text.split())
        earlier = (terms.label(self.store, entity) or self.labels_given.get(entity)) if entity else None
        if not earlier and label in self.labels_taken:
            label += f" ({self.page}, line {row.line}, item {row.item})"
        label = earlier or label
        self.labels_taken.add(label)
        self.labels_given[entity] = label
        return label


def _printed_date(row: Row) -> str:
    printed = (row.words[when.start : when.end] for when in dates.find(row.words) if dates.cells(when)[0] == row.date)
    return next(printed, f"{row.date} to {row.date_latest}")


def _planned_days(row: Row) -> tuple[str, str]:
    """Read for which days an event that was moved had been planned; raises Undecided if the line does not print them."""
    periods = [dates.cells(when, event=True) for when in dates.find(row.words) if not when.open]
    planned = next((days for days in periods if days[0] != row.date), None)
    if not planned:
        raise Undecided("the line does not say for which date the event was planned; record the line by hand")
    return planned


def rows_by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    grouped: dict[int, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.line, []).append(row)
    return grouped
