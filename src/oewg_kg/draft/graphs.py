"""Turn accepted rows into named graphs, one for each line, by the rules of data/README.md and the template `row.trig`."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import jinja2
import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import dates, kinds, patterns
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASES, PREF_LABEL, PREFIXES, declarations

BY_HAND = {"by-email": "a registration", "deadline": "a deadline", "resolution": "a resolution", "adoption": "an adoption",
           "side-event": "a side event"}  # fmt: skip
PLAIN = ("none", "day", "process", "list")


class Undecided(ValueError):
    """Tells why a line cannot be written yet."""


class Writer:
    """Writes the graphs of one page; knows all its rows, which lines are accepted, and what the graph already states."""

    def __init__(self, store: ox.Store, source: str, rows: dict[int, list[Row]], accepted: Iterable[int]) -> None:
        """Gather the labels that are taken."""
        self.store, self.source, self.rows, self.accepted = store, source, rows, set(accepted)
        self.page = source.rpartition("/")[2]
        pattern = store.quads_for_pattern(None, ox.NamedNode(PREF_LABEL), None, ox.DefaultGraph())
        self.labels = {terms.text_of(quad.object) for quad in pattern}
        environment = jinja2.Environment(trim_blocks=True, undefined=jinja2.StrictUndefined)
        text = Path(__file__).with_name("row.trig").read_text(encoding="utf-8")
        self.template = environment.from_string(text)

    def line(self, number: int) -> list[ox.Quad]:
        """Write the graph of a line; raises Undecided."""
        rows, graph = self.rows[number], self._line(number)
        text = "".join(map(self._row, rows))
        if "oewg:lineStatus" not in text:
            above = rows[0].heading_line
            text += f"{graph} " + (
                f"oewg:underHeading {self._line(above)} ." if above else "oewg:underNoHeading true ."
            )
        try:
            found = ox.parse(f"{declarations()}{graph} {{\n{text}\n}}", format=ox.RdfFormat.TRIG)
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
            raise Undecided(f"{' and '.join(opened) or 'kind'} still to be decided")
        if row.kind in BY_HAND:
            raise Undecided(f"{BY_HAND[row.kind]} is written by hand (data/README.md)")
        above = list(self._above(row))
        heading = above[0] if above else Row()
        event = next((self._event(one) for one in above if one.kind in kinds.EVENT_KINDS), "")
        form = self._form(row, heading, event)
        process = "" if form in PLAIN[:2] else self._process(row, above)
        listed = _list(row if form == "list" else heading, self.page)
        name = f"{self.page}-{row.line}-{row.item}"
        thing = self._event(row) if form == "event" else f"document:{name}"
        codes = [code for code in row.actors.split("|") if "/" in code and not code.startswith("NEW:")]
        if form == "contribution":
            actor = codes[0].rpartition("/")[2] if codes else "joint"
            name = f"{re.split('[/:]', listed.strip('<>'))[-1]}-{actor}-{row.line}-{row.item}"
            thing = f"contribution:{name}"

        def title() -> str:
            known = [terms.label(self.store, self._actor(code)) or code for code in codes if code != "post/chair"]
            said = row.label_in_source or terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind
            return f"{', '.join(known)}: {said}" if known else said

        def given(role: str) -> Iterator[tuple[str, str, str]]:
            printed = [one for one in row.printed.split("|") if one]
            for cell, said in ((row.actors or "not-stated", role), (row.in_the_name_of, "oewg:inNameOf")):
                for code in filter(None, cell.split("|")):
                    actor = self._given(code, process)
                    named = printed and code not in ("not-stated", "post/chair")
                    yield said, actor, printed.pop(0) if named else ""

        def printed_date() -> str:
            found = (when for when in dates.find(row.words) if dates.cells(when)[0] == row.date)
            return next((row.words[one.start : one.end] for one in found), f"{row.date} to {row.date_latest}")

        return self.template.render(
            row=row, form=form, heading=heading, event=event and _node(event), process=process, listed=_node(listed),
            thing=_node(thing), name=name, page=self.page, line=self._line, node=_node, target=self._target, given=given,
            title=title, printed_date=printed_date, text=lambda text: str(ox.Literal(text)),
            label=lambda text: self._label(text, row),
        )  # fmt: skip

    def _form(self, row: Row, heading: Row, event: str) -> str:
        """Choose how a row is written; raises Undecided for one that its place on the page does not allow."""
        if row.kind in PLAIN:
            if row.kind == "day" and not event:
                raise Undecided("this day belongs to no event: write it by hand")
            return row.kind
        if row.kind in kinds.EVENT_KINDS:
            if row.status == "postponed":
                raise Undecided("the event was moved: write it by hand, with both dates")
            return "event"
        if row.kind in kinds.DOCUMENT_KINDS and not (heading.kind == "list" and heading.default_kind):
            return "document"
        if heading.kind != "list":
            raise Undecided("it is in no list: correct heading_line")
        return "contribution"

    def _above(self, row: Row) -> Iterator[Row]:
        """Iterate over the rows of the headings above a row, the nearest first."""
        while row.heading_line.isdecimal() and int(row.heading_line) < row.line:
            found = self.rows.get(int(row.heading_line))
            if not found:
                return
            row = found[0]
            yield row

    def _process(self, row: Row, above: list[Row]) -> str:
        """Find the process: of the row, of a heading above it, or the only one that the table names."""
        named = {one.process for rows in self.rows.values() for one in rows if one.process}
        name = next((one.process for one in [row, *above] if one.process), named.pop() if len(named) == 1 else "")
        if not name:
            raise Undecided("no process: write its name (process:...) in the column process of the page's title")
        return str(_node(name if re.search("[:/]", name) else f"process:{name}"))

    def _event(self, row: Row) -> str:
        return self._known(row.line, "Event Session Meeting") or f"event:{self.page}-{row.line}-{row.item}"

    def _given(self, code: str, process: str) -> str:
        """Find whom a code names; raises Undecided for an actor that the graph lacks."""
        if code.startswith("NEW:"):
            raise Undecided(f"a new actor, {code[4:]}: add it to data/actors/ and write its code here")
        if code == "not-stated":
            return "oewg:SubmitterNotStated"
        if code == "post/chair":
            pattern = self.store.quads_for_pattern(None, _node("oewg:postIn"), _node(process[1:-1]), ox.DefaultGraph())
            posts = sorted(str(quad.subject) for quad in pattern if terms.text_of(quad.subject).endswith("-chair"))
            if not posts:
                told = "the process has no post of Chair: write the post by hand, from the line that names the Chair"
                raise Undecided(told)
            return posts[0]
        actor = self._actor(code)
        if not terms.label(self.store, actor):
            raise Undecided(f"{code} is not in the graph")
        return f"<{actor}>"

    def _actor(self, code: str) -> str:
        """Find the actor that a code names: one of this root, or one that all roots share."""
        named = [_node(code).value, *(base + code for base in BASES)]
        return next((one for one in named if terms.label(self.store, one)), named[0])

    def _target(self, written: str) -> ox.NamedNode:
        """Find the document that a target names: by its line on this page, or by its code."""
        name = written.strip()
        if not re.fullmatch(r"L\d+", name):
            return _node(name)
        line = int(name[1:])
        known = self._known(line, "Document Draft Resolution")
        row = next((one for one in self.rows.get(line, []) if one.kind in kinds.DOCUMENT_KINDS), None)
        if not known and not (row and line in self.accepted):
            raise Undecided(f"its target, line {line}, has not been accepted yet")
        return _node(known or f"document:{self.page}-{line}-{row.item if row else 1}")

    def _known(self, line: int, classes: str) -> str:
        """Find the thing of some classes that a line's graph already names."""
        graph = ox.NamedNode(f"{self.source}#L{line}")
        for name in classes.split():
            for quad in self.store.quads_for_pattern(None, _node("rdf:type"), _node(f"oewg:{name}"), graph):
                return terms.text_of(quad.subject)
        return ""

    def _label(self, text: str, row: Row) -> str:
        """Write a label that nothing else has."""
        label = " ".join(text.split())
        if label in self.labels:
            label += f" ({self.page}, line {row.line}, item {row.item})"
        self.labels.add(label)
        return str(ox.Literal(label, language="en"))


def _list(row: Row, page_name: str) -> str:
    return terms.expand(row.list) or f"list:{row.list.removeprefix('list/') or f'{page_name}-{row.line}'}"


def _node(name: str) -> ox.NamedNode:
    """Make a term of a CURIE, an IRI or a code such as state/AUT; raises Undecided for what is none of them."""
    code = name.replace("/", ":", 1) if re.fullmatch(r"[a-z]+/[\w-]+", name) else ""
    iri = terms.expand(name) or terms.expand(code)
    if iri is None:
        raise Undecided(f"{name!r} is not a code: write it as state/AUT or state:AUT")
    return ox.NamedNode(iri)


def by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.line, []).append(row)
    return found


def private(rows: Iterable[Row]) -> bool:
    """Tell whether any cell that would be written holds an address or a telephone number."""
    cells = (text for row in rows for text in (row.printed, row.label_in_source, row.note))
    return any(patterns.EMAIL.search(text) or patterns.PHONE.search(text) for text in cells)
