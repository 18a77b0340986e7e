"""Accepted rows as graphs, one for each line, as data/README.md wants them.

Not for writing them into a file: `accept` does that. What a row leaves open stops its line, with the reason.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import dates, kinds, page
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASE, OEWG, PREF_LABEL, PREFIXES, RDF_TYPE

SKIPPED = {
    "by-email": "a registration", "deadline": "a deadline", "resolution": "a resolution", "adoption": "an adoption",
    "side-event": "a side event",
}  # fmt: skip
DOCUMENT_KINDS = {kind for _, kind in kinds.DOCUMENTS} | {"report", "attachment"}
EVENT_KINDS = {kind for _, kind in kinds.EVENTS if kind} | {"adoption"}
SESSIONS = ("organizational-session", "substantive-session")


class Undecided(ValueError):
    """Tells why a line cannot be written yet."""


@dataclass
class Writer:
    """Writes the graphs of one page; knows its rows, and what the graph already states of its lines."""

    store: ox.Store
    source: str
    rows: dict[int, list[Row]]
    labels: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Gather the labels that are taken."""
        self.page = self.source.rpartition("/")[2]
        pattern = self.store.quads_for_pattern(None, ox.NamedNode(PREF_LABEL), None, ox.DefaultGraph())
        self.labels |= {terms.text_of(quad.object) for quad in pattern}
        self.lists = {row.line: row for rows in self.rows.values() for row in rows if row.kind == "list"}

    def line(self, number: int) -> list[ox.Quad]:
        """Write the graph of a line; raises Undecided."""
        graph = ox.NamedNode(f"{self.source}#L{number}")
        made: list[tuple[str, str, object]] = []
        for row in self.rows[number]:
            made += self._row(row, graph.value)
        heading = self.rows[number][0].heading_line
        if heading and self.rows[number][0].kind != "none":
            made.append((graph.value, OEWG + "underHeading", f"{self.source}#L{heading}"))
        quads = [
            ox.Quad(ox.NamedNode(s), ox.NamedNode(p), o if isinstance(o, ox.Literal) else ox.NamedNode(str(o)), graph)
            for s, p, o in made
        ]
        return list(dict.fromkeys(quads))

    def _row(self, row: Row, graph: str) -> list[tuple[str, str, object]]:
        opened = [name for name in ("actors", "in_the_name_of", "kind", "target", "date") if getattr(row, name).startswith("?")]
        if opened or row.kind == "":
            raise Undecided(f"{' and '.join(opened) or 'kind'} still to be decided")
        if row.kind == "none":
            return self._nothing(row, graph)
        if row.kind in SKIPPED:
            raise Undecided(f"{SKIPPED[row.kind]} is written by hand (data/README.md)")
        process = self._process(row)
        if row.kind == "process":
            return [(process, RDF_TYPE, OEWG + "Process"), self._label(process, row.label_in_source),
                    (process, OEWG + "nameInSource", ox.Literal(row.label_in_source))]  # fmt: skip
        if row.kind == "list":
            return self._list(row, process)
        if row.kind == "day":
            return self._day(row)
        if row.kind in EVENT_KINDS:
            return self._event(row, process)
        if row.kind in DOCUMENT_KINDS and not self._listed(row):
            return self._document(row, process)
        return self._contribution(row)

    def _nothing(self, row: Row, graph: str) -> list[tuple[str, str, object]]:
        if row.status == "continues" and row.target[1:].isdecimal():
            return [(graph, OEWG + "continues", f"{self.source}#{row.target}")]
        status = row.status or "boilerplate"
        why = row.note or {"navigation": "a link or a sign of the page"}.get(status, "words that state no fact of the negotiation")
        return [(graph, OEWG + "lineStatus", PREFIXES["status"] + status),
                (graph, PREFIXES["rdfs"] + "comment", ox.Literal(why, language="en"))]  # fmt: skip

    def _process(self, row: Row) -> str:
        """Find the process: of the row, of a heading above it, or the one that the table names."""
        at: Row | None = row
        while at is not None and not at.process:
            at = self.rows.get(int(at.heading_line), [None])[0] if at.heading_line.isdecimal() else None  # type: ignore[list-item]
        named = {one.process for rows in self.rows.values() for one in rows if one.process}
        name = at.process if at else next(iter(named)) if len(named) == 1 else ""
        if not name:
            raise Undecided("no process: write its name (process:...) in the column process of the page's title")
        return terms.expand(name) or f"{PREFIXES['process']}{name.removeprefix('process/')}"

    def _list(self, row: Row, process: str) -> list[tuple[str, str, object]]:
        thing = self._list_iri(row)
        made: list[tuple[str, str, object]] = [(thing, RDF_TYPE, OEWG + "List"), self._label(thing, row.words.strip(" -–•*:")),
                                               (thing, OEWG + "ofProcess", process)]  # fmt: skip
        made += [(thing, OEWG + "covers", self._target(one)) for one in row.target.split("|") if one and one != "not-stated"]
        made += [(thing, OEWG + "coversKind", PREFIXES["kind"] + row.listed_as)] if row.listed_as else []
        return made

    def _list_iri(self, row: Row) -> str:
        if row.list:
            return terms.expand(row.list) or PREFIXES["list"] + row.list.removeprefix("list/")
        return f"{PREFIXES['list']}{self.page}-{row.line}"

    def _listed(self, row: Row) -> Row | None:
        """Find the list of contributions that a row stands in."""
        heading = self.lists.get(int(row.heading_line)) if row.heading_line.isdecimal() else None
        return heading if heading and heading.default_kind else None

    def _day(self, row: Row) -> list[tuple[str, str, object]]:
        event = self._event_above(row)
        if not event:
            raise Undecided("a day of no event: write it by hand")
        return [(event, OEWG + "meetingDay", _day(row.date))]

    def _event_above(self, row: Row) -> str:
        at = row
        while at.heading_line.isdecimal():
            at = next(iter(self.rows.get(int(at.heading_line), [])), Row())
            if at.kind in EVENT_KINDS:
                return self._event_iri(at)
        return ""

    def _event_iri(self, row: Row) -> str:
        return self._known(row.line, "Event Session Meeting") or f"{PREFIXES['event']}{self.page}-{row.line}-{row.item}"

    def _event(self, row: Row, process: str) -> list[tuple[str, str, object]]:
        if row.status == "postponed":
            raise Undecided("an event that was moved is written by hand, with both dates")
        thing = self._event_iri(row)
        kind = "Session" if row.kind in SESSIONS else "Meeting"
        made: list[tuple[str, str, object]] = [
            (thing, RDF_TYPE, OEWG + kind), self._label(thing, row.label_in_source or row.kind), (thing, OEWG + "kind", PREFIXES["kind"] + row.kind),
            (thing, OEWG + "ofProcess", process),
        ]  # fmt: skip
        if row.date:
            way = "held" if row.status == "held" else "planned"
            made += [(thing, OEWG + f"{way}Start", _day(row.date)), (thing, OEWG + f"{way}End", _day(row.date_latest or row.date))]
        if row.status == "cancelled":
            made.append((thing, OEWG + "status", PREFIXES["status"] + row.status))
        return made

    def _document(self, row: Row, process: str) -> list[tuple[str, str, object]]:
        thing = f"{PREFIXES['document']}{self.page}-{row.line}-{row.item}"
        event = self._event_above(row)
        made: list[tuple[str, str, object]] = [
            (thing, RDF_TYPE, OEWG + "Document"), self._label(thing, row.label_in_source, row), (thing, OEWG + "kind", PREFIXES["kind"] + row.kind),
            (thing, OEWG + ("ofEvent" if event else "ofProcess"), event or process),
            (thing, OEWG + "labelInSource", ox.Literal(row.label_in_source)),
        ]  # fmt: skip
        made += self._given(row, thing, OEWG + "issuedBy", process)
        for target in filter(None, row.target.split("|")):
            said = OEWG + "concerns" if row.kind.endswith("letter") else PREFIXES["prov"] + "wasRevisionOf"
            made.append((thing, said, self._target(target)))
        return made + self._common(row, thing, process)

    def _contribution(self, row: Row) -> list[tuple[str, str, object]]:
        heading = self._listed(row) or (self.lists.get(int(row.heading_line)) if row.heading_line.isdecimal() else None)
        if heading is None:
            raise Undecided("it stands in no list: correct heading_line")
        process = self._process(row)
        first = row.actors.split("|")[0].rpartition("/")[2] or "joint"
        listed = self._list_iri(heading)
        thing = f"{PREFIXES['contribution']}{listed.rpartition('/')[2]}-{first}-{row.line}-{row.item}"
        said = row.label_in_source or (terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind)
        names = [terms.label(self.store, BASE + code) or code for code in row.actors.split("|") if code.startswith(("state/", "group/"))]
        names = names or [name for name in row.printed.split("|") if name]
        made: list[tuple[str, str, object]] = [
            (thing, RDF_TYPE, OEWG + "Contribution"), self._label(thing, f"{', '.join(names)}: {said}" if names else said, row),
            (thing, OEWG + "kind", PREFIXES["kind"] + row.kind), (thing, OEWG + "listedIn", listed),
        ]  # fmt: skip
        made += self._given(row, thing, OEWG + "submittedBy", process)
        made += [
            (thing, OEWG + "addresses", OEWG + "TargetNotStated" if one == "not-stated" else self._target(one))
            for one in row.target.split("|")
        ]
        if row.label_in_source:
            made.append((thing, OEWG + "labelInSource", ox.Literal(row.label_in_source)))
        if heading.listed_as:
            named = [s for s, p, _ in made if p == OEWG + "nameInSource" and not s.startswith(PREFIXES["state"])]
            made += [(actor, OEWG + "listedAs", PREFIXES["kind"] + heading.listed_as) for actor in named]
        return made + self._common(row, thing, process)

    def _given(self, row: Row, thing: str, role: str, process: str) -> list[tuple[str, str, object]]:
        """Write who gave it and for whom, and their names as printed."""
        printed = [name for name in row.printed.split("|") if name]
        made: list[tuple[str, str, object]] = []
        for cell, said in ((row.actors or "not-stated", role), (row.in_the_name_of, OEWG + "inNameOf")):
            for code in filter(None, cell.split("|")):
                if code.startswith("NEW:"):
                    raise Undecided(f"a new actor, {code[4:]}: put it into data/actors/ and write its code")
                actor = OEWG + "SubmitterNotStated" if code == "not-stated" else terms.expand(code) or BASE + code
                if code == "post/chair":
                    actor = self._chair(process)
                elif code != "not-stated":
                    if next(self.store.quads_for_pattern(ox.NamedNode(actor), None, None), None) is None:
                        raise Undecided(f"{code} is not in the graph")
                    if printed:
                        made.append((actor, OEWG + "nameInSource", ox.Literal(printed.pop(0))))
                made.append((thing, said, actor))
        return made

    def _chair(self, process: str) -> str:
        pattern = self.store.quads_for_pattern(None, ox.NamedNode(OEWG + "postIn"), ox.NamedNode(process), ox.DefaultGraph())
        posts = sorted(terms.text_of(quad.subject) for quad in pattern if terms.text_of(quad.subject).endswith("chair"))
        if not posts:
            raise Undecided("the process has no post of a Chair yet: write it by hand, from the line that names the Chair")
        return posts[0]

    def _target(self, written: str) -> str:
        """Find the document that a target names: by its line on this page, or by its code."""
        written = written.strip()
        if written[:1] == "L" and written[1:].isdecimal():
            line = int(written[1:])
            known = self._known(line, "Document Draft Resolution")
            row = next((one for one in self.rows.get(line, []) if one.kind in DOCUMENT_KINDS), None)
            if known or (row and row.accept == "yes"):
                return known or f"{PREFIXES['document']}{self.page}-{line}-{row.item if row else 1}"
            raise Undecided(f"its target, line {line}, is not accepted yet")
        iri = terms.expand(written) or (BASE + written if "/" in written and " " not in written else "")
        if not iri:
            raise Undecided(f"the target {written!r} is no code: write document:... or the line, as L5")
        return iri

    def _known(self, line: int, classes: str) -> str:
        """Find the thing of some classes that a line's graph already names."""
        graph = ox.NamedNode(f"{self.source}#L{line}")
        for name in classes.split():
            for quad in self.store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), ox.NamedNode(OEWG + name), graph):
                return terms.text_of(quad.subject)
        return ""

    def _common(self, row: Row, thing: str, process: str) -> list[tuple[str, str, object]]:
        """Write dates, languages, symbol and attachments."""
        made: list[tuple[str, str, object]] = []
        if row.date and row.date_latest:
            printed = next((row.words[w.start : w.end] for w in dates.find(row.words) if dates.cells(w) == (row.date, row.date_latest)), "")
            made += [(thing, OEWG + "earliestDate", _day(row.date)), (thing, OEWG + "latestDate", _day(row.date_latest)),
                     (thing, OEWG + "dateInSource", ox.Literal(printed or f"{row.date} to {row.date_latest}"))]  # fmt: skip
        elif row.date:
            made.append((thing, PREFIXES["dcterms"] + "date", _day(row.date)))
        made += [(thing, PREFIXES["dcterms"] + "language", PREFIXES["lang"] + tag) for tag in row.languages.split()]
        if row.symbol:
            made.append((thing, OEWG + "symbol", ox.Literal(row.symbol)))
        for number in range(1, int(row.attachments or 0) + 1 if row.attachments.isdecimal() else 1):
            part = f"{PREFIXES['document']}{thing.rpartition('/')[2]}-attachment-{number}"
            label = next(str(o.value) for s, p, o in [self._label(part, f"Attachment {number} of line {row.line}, item {row.item}, of {self.page}")] if isinstance(o, ox.Literal))
            made += [(thing, OEWG + "hasAttachment", part), (part, RDF_TYPE, OEWG + "Document"), (part, OEWG + "kind", PREFIXES["kind"] + "attachment"),
                     (part, PREF_LABEL, ox.Literal(label, language="en")), (part, OEWG + "ofProcess", process)]  # fmt: skip
        return made

    def _label(self, thing: str, text: str, row: Row | None = None) -> tuple[str, str, ox.Literal]:
        """Give a thing a label that nothing else has."""
        label = " ".join(text.split())
        if label in self.labels and row:
            label = f"{label} ({self.page}, line {row.line}, item {row.item})"
        elif label in self.labels:
            label = f"{label} ({thing.rpartition('/')[2]})"
        self.labels.add(label)
        return (thing, PREF_LABEL, ox.Literal(label, language="en"))


def _day(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=ox.NamedNode(PREFIXES["xsd"] + "date"))


def by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.line, []).append(row)
    return found


def private(rows: Iterable[Row]) -> bool:
    """Tell whether any cell that would be written holds an address or a telephone number."""
    return any(page.EMAIL.search(text) or page.PHONE.search(text) for row in rows for text in (row.printed, row.label_in_source, row.note, row.actors))
