"""Write accepted rows as named graphs, one for each line, by the rules of data/README.md and the template `row.trig`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import jinja2
import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import dates, kinds, patterns, table
from oewg_kg.draft.parties import UNNAMED, Parties, Undecided, node, resolution
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import PREF_LABEL, PREFIXES, declarations

PLAIN = ("none", "day", "process", "list")
# Kinds of rows that are written under their own names: registration, deadline, resolution, adoption.
NAMED = {"deadline": "deadline", "resolution": "resolution", "adoption": "adoption"}
NAMED |= dict.fromkeys(("by-email", "by-link", "by-concept-note"), "registration")


class Writer:
    """Writes the graphs of one page; knows all its rows, which lines are accepted, and what the graph already states."""

    def __init__(self, store: ox.Store, source: str, rows: dict[int, list[Row]], accepted: Iterable[int]) -> None:
        """Gather the labels already in use."""
        self.store, self.source, self.rows, self.accepted = store, source, rows, set(accepted)
        self.page = source.rpartition("/")[2]
        self.parties = Parties(store, self.page)
        self.called: dict[str, str] = {}
        self.labels = {label for _, label in terms.pairs(store, PREF_LABEL)}
        environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
        text = Path(__file__).with_name("row.trig").read_text(encoding="utf-8")
        self.template = environment.from_string(text)

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
        own = "".join(self.parties.own)
        try:
            found = ox.parse(f"{declarations()}{own}{graph} {{\n{text}\n}}", format=ox.RdfFormat.TRIG)
            return list(dict.fromkeys(found))
        except SyntaxError as error:
            raise Undecided(f"a cell contains something that cannot be written: {error}") from error

    def _line(self, number: object) -> str:
        return f"<{self.source}#L{number}>"

    def _row(self, row: Row) -> str:
        """Write what a row states as Turtle."""
        names = ("actors", "in_the_name_of", "kind", "target", "date")
        opened = [name for name in names if getattr(row, name).startswith("?")]
        if opened or not row.kind:
            raise Undecided(f"still to be decided: {' and '.join(opened) or 'kind'}")
        above = self._above(row)
        heading = above[0] if above else Row()
        event = self._session(row)
        form = self._form(row, heading, event)
        process = "" if form in PLAIN[:2] else self._process(row, above)
        listed = _list(row if form == "list" else heading, self.page)
        name, thing = self._name(row, form, listed)
        self.parties.line.clear()

        def given(role: str) -> Iterator[tuple[str, str, str]]:
            printed = [one for one in row.printed.split("|") if one]
            for cell, said in ((row.actors or "not-stated", role), (row.in_the_name_of, "oewg:inNameOf")):
                for code in filter(None, cell.split("|")):
                    named = printed and code not in ("not-stated", "post/chair", f"NEW:{UNNAMED}")
                    name = printed.pop(0) if named else ""
                    yield said, self.parties.one(code, row, heading.listed_as, process, name), name

        def target(written: str) -> ox.NamedNode:
            text, _, part = (piece.strip() for piece in written.partition(">"))
            found = self._target(text)
            return self.parties.part(found, part, row, process) if part else found

        text = self.template.render(
            row=row, form=form, heading=heading, event=event and node(event), process=process, listed=node(listed),
            thing=node(thing), name=name, page=self.page, line=self._line, node=node, target=target, given=given,
            title=lambda: self._title(row), printed_date=lambda: _printed_date(row),
            moved=lambda: _moved(row), text=lambda text: str(ox.Literal(text)), initiators=self.parties.initiators,
            honorifics=lambda: dict.fromkeys(patterns.NOTED.findall(row.words)),
            label=lambda text: self._label(text, row, node(thing).value), fresh=lambda text: self._label(text, row),
        )  # fmt: skip
        return text + "\n".join(self.parties.line) + "\n"

    def _name(self, row: Row, form: str, listed: str) -> tuple[str, str]:
        """Name the entity that a row introduces: a local name, and the CURIE or IRI."""
        name = f"{self.page}-{row.line}-{row.item}"
        ways = {"event": self._event, "process": lambda one: self._process(one, [])[1:-1], "resolution": resolution}
        if form in ways:
            return name, ways[form](row)
        if form == "contribution":
            codes = _codes(row)
            unnamed = "unnamed" if row.actors == "not-stated" else "joint"
            actor = codes[0].rpartition("/")[2] if codes else unnamed
            name = f"{re.split('[/:]', listed.strip('<>'))[-1]}-{actor}-{row.line}-{row.item}"
            return name, f"contribution:{name}"
        return name, f"{ {'deadline': 'deadline', 'adoption': 'event'}.get(form, 'document') }:{name}"

    def _title(self, row: Row) -> str:
        """Describe a contribution: who, and its printed label or its kind."""
        known = ["Chair" if "post/" in code else self.parties.label(code) for code in _codes(row)]
        described = row.label_in_source or terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind
        return f"{', '.join(known)}: {described}" if known else described

    def _form(self, row: Row, heading: Row, event: str) -> str:
        """Choose how a row is written; raises Undecided for a form that its place on the page does not allow."""
        if row.kind in NAMED:
            return NAMED[row.kind]
        if row.kind in PLAIN:
            if row.kind == "day" and not event:
                raise Undecided("no event includes this day; transcribe the line by hand")
            return row.kind
        if row.kind in kinds.EVENT_KINDS:
            return "event"
        if row.kind in kinds.DOCUMENT_KINDS and not (heading.kind == "list" and heading.default_kind):
            return "document"
        if heading.kind != "list":
            raise Undecided("the row is not in a list; correct the column heading_line")
        return "contribution"

    def _above(self, row: Row) -> list[Row]:
        """List the headings above a row, the nearest first."""
        return table.above({line: rows[0] for line, rows in self.rows.items()}, row)

    def _session(self, row: Row) -> str:
        """Find the event under whose heading a row is."""
        return next((self._event(one) for one in self._above(row) if one.kind in kinds.EVENT_KINDS), "")

    def _process(self, row: Row, above: list[Row]) -> str:
        """Find the process: of the row, of a heading above it, or the only one that the table names."""
        named = {one.process for rows in self.rows.values() for one in rows if one.process}
        name = next((one.process for one in [row, *above] if one.process), named.pop() if len(named) == 1 else "")
        if not name:
            raise Undecided("the process is missing; write process:... in the column process, next to the page's title")
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
        """Find the document or event that a target names: by its line on this page, or by its code; raises Undecided."""
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
        return str(ox.Literal(label, language="en"))


def _codes(row: Row) -> list[str]:
    return [
        code.removeprefix("NEW:")
        for code in row.actors.split("|")
        if re.match(r"(?:NEW:)?[a-z]+[/:]\w", code.replace("NEW:", ""))
    ]


def _printed_date(row: Row) -> str:
    found = (when for when in dates.find(row.words) if dates.cells(when)[0] == row.date)
    return next((row.words[one.start : one.end] for one in found), f"{row.date} to {row.date_latest}")


def _moved(row: Row) -> tuple[str, str]:
    """Read for which days an event that was moved had been planned; raises Undecided if the line does not print them."""
    found = [dates.cells(when, event=True) for when in dates.find(row.words) if not when.open]
    first = next((days for days in found if days[0] != row.date), None)
    if not first:
        raise Undecided("the line does not say for which date the event was planned; transcribe it by hand")
    return first


def _list(row: Row, page_name: str) -> str:
    return terms.expand(row.list) or f"list:{row.list.removeprefix('list/') or f'{page_name}-{row.line}'}"


def by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.line, []).append(row)
    return found
