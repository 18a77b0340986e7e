"""Turn accepted rows into named graphs, one for each line, by the rules of data/README.md."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import dates, kinds, page
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASES, PREF_LABEL, PREFIXES

BY_HAND = {"by-email": "a registration", "deadline": "a deadline", "resolution": "a resolution", "adoption": "an adoption",
           "side-event": "a side event"}  # fmt: skip
SESSIONS = ("organizational-session", "substantive-session")
WHY = {"navigation": "navigation of the website"}
Fact = tuple[str, str, "str | ox.Literal"]


class Undecided(ValueError):
    """Tells why a line cannot be written yet."""


@dataclass
class Writer:
    """Writes the graphs of one page; knows all its rows, and what the graph already states of its lines."""

    store: ox.Store
    source: str
    rows: dict[int, list[Row]]
    labels: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Gather the labels that are taken."""
        self.page = self.source.rpartition("/")[2]
        pattern = self.store.quads_for_pattern(None, ox.NamedNode(PREF_LABEL), None, ox.DefaultGraph())
        self.labels |= {terms.text_of(quad.object) for quad in pattern}

    def line(self, number: int) -> list[ox.Quad]:
        """Write the graph of a line; raises Undecided."""
        graph, rows = f"{self.source}#L{number}", self.rows[number]
        facts = [fact for row in rows for fact in self._row(row, graph)]
        if not any(predicate == "oewg:lineStatus" for _, predicate, _ in facts):
            above = rows[0].heading_line
            heading: Fact = (graph, "oewg:underHeading", f"{self.source}#L{above}")
            facts.append(heading if above else (graph, "oewg:underNoHeading", ox.Literal(True)))
        quads = [
            ox.Quad(_node(s), _node(p), o if isinstance(o, ox.Literal) else _node(o), ox.NamedNode(graph))
            for s, p, o in facts
        ]
        return list(dict.fromkeys(quads))

    def _row(self, row: Row, graph: str) -> list[Fact]:
        given = {name: getattr(row, name) for name in ("actors", "in_the_name_of", "kind", "target", "date")}
        opened = [name for name, cell in given.items() if cell.startswith("?")]
        if opened or not row.kind:
            raise Undecided(f"{' and '.join(opened) or 'kind'} still to be decided")
        if row.kind in BY_HAND:
            raise Undecided(f"{BY_HAND[row.kind]} is written by hand (data/README.md)")
        if row.kind == "none":
            return self._nothing(row, graph)
        if row.kind == "day":
            return self._day(row)
        process = self._process(row)
        if row.kind == "process":
            return [(process, "rdf:type", "oewg:Process"), self._label(process, row.label_in_source),
                    (process, "oewg:nameInSource", ox.Literal(row.label_in_source))]  # fmt: skip
        if row.kind == "list":
            return self._list(row, process)
        if row.kind in kinds.EVENT_KINDS:
            return self._event(row, process)
        heading = self._above(row)
        if row.kind in kinds.DOCUMENT_KINDS and not (heading and heading.kind == "list" and heading.default_kind):
            return self._document(row, process)
        return self._contribution(row, process)

    def _nothing(self, row: Row, graph: str) -> list[Fact]:
        if row.status == "continues" and row.target[1:].isdecimal():
            return [(graph, "oewg:continues", f"{self.source}#{row.target}")]
        status = row.status or "boilerplate"
        why = row.note or WHY.get(status, "words that state no fact of the negotiation")
        return [(graph, "oewg:lineStatus", f"status:{status}"), (graph, "rdfs:comment", ox.Literal(why, language="en"))]

    def _above(self, row: Row) -> Row | None:
        """Find the row of the heading above a row."""
        found = self.rows.get(int(row.heading_line), []) if row.heading_line.isdecimal() else []
        return found[0] if found and found[0].line < row.line else None

    def _process(self, row: Row) -> str:
        """Find the process: of the row, of a heading above it, or the only one that the table names."""
        at: Row | None = row
        while at and not at.process:
            at = self._above(at)
        named = {one.process for rows in self.rows.values() for one in rows if one.process}
        name = at.process if at else named.pop() if len(named) == 1 else ""
        if not name:
            raise Undecided("no process: write its name (process:...) in the column process of the page's title")
        return _node(name if re.search("[:/]", name) else f"process:{name}").value

    def _list_iri(self, row: Row) -> str:
        return terms.expand(row.list) or f"list:{row.list.removeprefix('list/') or f'{self.page}-{row.line}'}"

    def _list(self, row: Row, process: str) -> list[Fact]:
        thing = self._list_iri(row)
        label = self._label(thing, row.label_in_source or row.words.strip(" -–•*:"))
        facts: list[Fact] = [(thing, "rdf:type", "oewg:List"), label, (thing, "oewg:ofProcess", process)]
        targets = [one for one in row.target.split("|") if one and one != "not-stated"]
        facts += [(thing, "oewg:covers", self._target(one)) for one in targets]
        return [*facts, (thing, "oewg:coversKind", f"kind:{row.listed_as}")] if row.listed_as else facts

    def _event_above(self, row: Row) -> str:
        at = self._above(row)
        while at and at.kind not in kinds.EVENT_KINDS:
            at = self._above(at)
        return self._event_iri(at) if at else ""

    def _event_iri(self, row: Row) -> str:
        return self._known(row.line, "Event Session Meeting") or f"event:{self.page}-{row.line}-{row.item}"

    def _day(self, row: Row) -> list[Fact]:
        event = self._event_above(row)
        if not event:
            raise Undecided("a day of no event: write it by hand")
        return [(event, "oewg:meetingDay", _date(row.date))]

    def _event(self, row: Row, process: str) -> list[Fact]:
        if row.status == "postponed":
            raise Undecided("an event that was moved is written by hand, with both dates")
        thing, way = self._event_iri(row), "held" if row.status == "held" else "planned"
        facts: list[Fact] = [
            (thing, "rdf:type", "oewg:Session" if row.kind in SESSIONS else "oewg:Meeting"),
            self._label(thing, row.label_in_source or row.kind, row),
            (thing, "oewg:kind", f"kind:{row.kind}"),
            (thing, "oewg:ofProcess", process),
        ]
        if row.date:
            facts.append((thing, f"oewg:{way}Start", _date(row.date)))
            facts.append((thing, f"oewg:{way}End", _date(row.date_latest or row.date)))
        return [*facts, (thing, "oewg:status", "status:cancelled")] if row.status == "cancelled" else facts

    def _document(self, row: Row, process: str) -> list[Fact]:
        thing, event = f"document:{self.page}-{row.line}-{row.item}", self._event_above(row)
        facts: list[Fact] = [
            (thing, "rdf:type", "oewg:Document"),
            self._label(thing, row.label_in_source, row),
            (thing, "oewg:kind", f"kind:{row.kind}"),
            (thing, "oewg:ofEvent" if event else "oewg:ofProcess", event or process),
            (thing, "oewg:labelInSource", ox.Literal(row.label_in_source)),
        ]
        role = "oewg:concerns" if row.kind.endswith("letter") else "prov:wasRevisionOf"
        facts += [(thing, role, self._target(one)) for one in row.target.split("|") if one]
        return facts + self._given(row, thing, "oewg:issuedBy", process) + self._common(row, thing, process)

    def _contribution(self, row: Row, process: str) -> list[Fact]:
        heading = self._above(row)
        if heading is None or heading.kind != "list":
            raise Undecided("it is in no list: correct heading_line")
        listed, codes = self._list_iri(heading), [code for code in row.actors.split("|") if "/" in code]
        first = codes[0].rpartition("/")[2] if codes else "joint"
        thing = f"contribution:{listed.rpartition('/')[2].rpartition(':')[2]}-{first}-{row.line}-{row.item}"
        given = self._given(row, thing, "oewg:submittedBy", process)
        names = ", ".join(terms.label(self.store, self._actor(code)) or code for code in codes if code != "post/chair")
        said = row.label_in_source or terms.label(self.store, PREFIXES["kind"] + row.kind) or row.kind
        facts: list[Fact] = [
            (thing, "rdf:type", "oewg:Contribution"),
            self._label(thing, f"{names}: {said}" if names else said, row),
            (thing, "oewg:kind", f"kind:{row.kind}"),
            (thing, "oewg:listedIn", listed),
        ]
        for one in row.target.split("|"):
            facts.append(
                (thing, "oewg:addresses", "oewg:TargetNotStated" if one == "not-stated" else self._target(one))
            )
        if row.label_in_source:
            facts.append((thing, "oewg:labelInSource", ox.Literal(row.label_in_source)))
        facts += given
        if heading.listed_as:
            named = [s for s, p, _ in facts if p == "oewg:nameInSource" and not s.startswith(PREFIXES["state"])]
            facts += [(actor, "oewg:listedAs", f"kind:{heading.listed_as}") for actor in named]
        return facts + self._common(row, thing, process)

    def _given(self, row: Row, thing: str, role: str, process: str) -> list[Fact]:
        """Write who gave it and for whom, and their names as printed."""
        printed = [name for name in row.printed.split("|") if name]
        facts: list[Fact] = []
        for cell, said in ((row.actors or "not-stated", role), (row.in_the_name_of, "oewg:inNameOf")):
            for code in filter(None, cell.split("|")):
                if code.startswith("NEW:"):
                    raise Undecided(f"a new actor, {code[4:]}: put it into data/actors/ and write its code")
                if code in ("not-stated", "post/chair"):
                    facts.append(
                        (thing, said, "oewg:SubmitterNotStated" if code == "not-stated" else self._chair(process))
                    )
                    continue
                actor = self._actor(code)
                if not terms.label(self.store, actor):
                    raise Undecided(f"{code} is not in the graph")
                facts.append((thing, said, actor))
                facts += [(actor, "oewg:nameInSource", ox.Literal(printed.pop(0)))] if printed else []
        return facts

    def _actor(self, code: str) -> str:
        """Find the actor that a code names: one of this root, or one that all roots share."""
        named = [_node(code).value, *(base + code for base in BASES)]
        return next((one for one in named if terms.label(self.store, one)), named[0])

    def _chair(self, process: str) -> str:
        pattern = self.store.quads_for_pattern(None, _node("oewg:postIn"), _node(process), ox.DefaultGraph())
        posts = sorted(
            terms.text_of(quad.subject) for quad in pattern if terms.text_of(quad.subject).endswith("-chair")
        )
        if not posts:
            raise Undecided("the process has no post of a Chair: write it by hand, from the line that names the Chair")
        return posts[0]

    def _target(self, written: str) -> str:
        """Find the document that a target names: by its line on this page, or by its code."""
        name = written.strip()
        if name[:1] == "L" and name[1:].isdecimal():
            known = self._known(int(name[1:]), "Document Draft Resolution")
            row = next((one for one in self.rows.get(int(name[1:]), []) if one.kind in kinds.DOCUMENT_KINDS), None)
            if known or (row and row.accept == "yes"):
                return known or f"document:{self.page}-{name[1:]}-{row.item if row else 1}"
            raise Undecided(f"its target, line {name[1:]}, is not accepted yet")
        return _node(name).value

    def _known(self, line: int, classes: str) -> str:
        """Find the thing of some classes that a line's graph already names."""
        graph = ox.NamedNode(f"{self.source}#L{line}")
        for name in classes.split():
            for quad in self.store.quads_for_pattern(None, _node("rdf:type"), _node(f"oewg:{name}"), graph):
                return terms.text_of(quad.subject)
        return ""

    def _common(self, row: Row, thing: str, process: str) -> list[Fact]:
        """Write dates, languages, symbol and attachments."""
        facts: list[Fact] = [(thing, "dcterms:language", f"lang:{tag}") for tag in row.languages.split()]
        if row.date and row.date_latest:
            printed = [
                row.words[when.start : when.end] for when in dates.find(row.words) if dates.cells(when)[0] == row.date
            ]
            facts.append((thing, "oewg:earliestDate", _date(row.date)))
            facts.append((thing, "oewg:latestDate", _date(row.date_latest)))
            facts.append((thing, "oewg:dateInterval", ox.Literal(f"{row.date}/{row.date_latest}")))
            facts.append(
                (thing, "oewg:dateInSource", ox.Literal(printed[0] if printed else f"{row.date} to {row.date_latest}"))
            )
        elif row.date:
            facts.append((thing, "dcterms:date", _date(row.date)))
        if row.symbol:
            facts.append((thing, "oewg:symbol", ox.Literal(row.symbol)))
        for number in range(1, int(row.attachments if row.attachments.isdecimal() else 0) + 1):
            part = f"document:{thing.rpartition(':')[2]}-attachment-{number}"
            facts += [
                (thing, "oewg:hasAttachment", part),
                (part, "rdf:type", "oewg:Document"),
                self._label(part, f"Attachment {number} of {self.page}, line {row.line}, item {row.item}"),
                (part, "oewg:kind", "kind:attachment"),
                (part, "oewg:ofProcess", process),
            ]
        return facts

    def _label(self, thing: str, text: str, row: Row | None = None) -> Fact:
        """Give a thing a label that nothing else has."""
        label = " ".join(text.split())
        if label in self.labels:
            label += f" ({self.page}, line {row.line}, item {row.item})" if row else f" ({thing.rpartition(':')[2]})"
        self.labels.add(label)
        return (thing, "skos:prefLabel", ox.Literal(label, language="en"))


def _node(name: str) -> ox.NamedNode:
    """Make a term of a CURIE, an IRI or a code such as state/AUT; raises Undecided for what is none of them."""
    iri = terms.expand(name) or (
        terms.expand(name.replace("/", ":", 1)) if re.fullmatch(r"[a-z]+/[\w-]+", name) else None
    )
    if iri is None:
        raise Undecided(f"{name!r} is not a code: write it as state/AUT or state:AUT")
    return ox.NamedNode(iri)


def _date(text: str) -> ox.Literal:
    return ox.Literal(text, datatype=_node("xsd:date"))


def by_line(rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Gather rows by their line."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row.line, []).append(row)
    return found


def private(rows: Iterable[Row]) -> bool:
    """Tell whether any cell that would be written holds an address or a telephone number."""
    cells = (text for row in rows for text in (row.printed, row.label_in_source, row.note))
    return any(page.EMAIL.search(text) or page.PHONE.search(text) for text in cells)
