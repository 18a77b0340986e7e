"""Find what a cell of an accepted row names (an actor, the Chair's post, a part of a text), or write it as a new entity."""

import re
from functools import cached_property

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import actors, patterns
from oewg_kg.draft.actors import Names
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASES, PREFIXES

UNNAMED = "authors not named"
CLASSES = {
    "stakeholder": "Stakeholder",
    "group": "StateGroup",
    "authors": "AuthorGroup",
    "observer": "Observer",
    "body": "UNBody",
}
# The kind of new actors that no heading classifies.
USUAL = {"observer": "observer", "body": "un-body"}
NEW = re.compile(rf"({'|'.join(CLASSES)})[:/]([A-Za-z0-9-]+)")


class Undecided(ValueError):
    """The reason why a line cannot be written yet."""


class Parties:
    """Finds actors and posts in the graph; missing ones are written once, in the line or among the actors."""

    def __init__(self, store: ox.Store, page: str) -> None:
        """Begin without new actors; `line` and `own` gather what the current row adds to its line and to `data/actors`."""
        self.store, self.page = store, page
        self.line: list[str] = []
        self.own: list[str] = []
        self.made: dict[str, tuple[str, str]] = {}

    @cached_property
    def names(self) -> Names:
        """Return the index of the names of all actors."""
        return actors.names(self.store)

    def one(self, code: str, row: Row, listed_as: str, process: str, printed: str) -> str:
        """Find the actor that a code names, as a Turtle term; raises Undecided for an actor that is not in the graph."""
        if code == "not-stated":
            return "oewg:SubmitterNotStated"
        if code == "post/chair":
            return self._chair(row, process)
        if code.startswith("NEW:"):
            return self._new(code[4:].strip(), row, listed_as, printed)
        actor = self.known(code)
        if not terms.label(self.store, actor):
            raise Undecided(f"{code} is not in the database; for a new actor, write NEW:{code}")
        return f"<{actor}>"

    def known(self, code: str) -> str:
        """Find the actor that a code names: one of this root, or one that all roots share."""
        named = [node(code).value, *(base + code for base in BASES)]
        return next((one for one in named if terms.label(self.store, one)), named[0])

    def label(self, code: str) -> str:
        """Return the label of whom a code names, also of a new actor; the code if there is none."""
        iri = self.known(code)
        return terms.label(self.store, iri) or self.made.get(iri, (code,))[0]

    def initiators(self, row: Row) -> list[tuple[str, str]]:
        """Find the initiators of a text by unnamed authors, each with the printed name; raises Undecided for a doubtful name."""
        found = [self.names.one(name) for name in row.printed.split("|") if name]
        for actor in found:
            if not actors.sure(actor):
                raise Undecided(f"the initiator {actor.printed} is not in the database")
        return [(f"<{self.known(actor.code)}>", actor.printed) for actor in found]

    def _chair(self, row: Row, process: str) -> str:
        """Find the post of the process's Chair, or describe it; with its name if the line prints it."""
        found = terms.things(self.store, PREFIXES["oewg"] + "postIn", process[1:-1])
        posts = [f"<{post}>" for post in found if post.endswith("-chair")]
        name = process[1:-1].rpartition("/")[2]
        post = posts[0] if posts else f"post:{name}-chair"
        if not posts:
            label = f'skos:prefLabel "Chair of {name}"@en'
            self.line.append(f"{post} a oewg:Post ; {label} ; oewg:kind kind:chair ; oewg:postIn {process} .")
        if printed := patterns.CHAIR_WORD.search(row.words):
            self.line.append(f"{post} oewg:nameInSource {ox.Literal(printed[0])} .")
        return post

    def _new(self, name: str, row: Row, listed_as: str, printed: str) -> str:
        """Write an actor whose code a person gave (`NEW:stakeholder/name`), or authors whom the page does not name."""
        given = NEW.fullmatch(name)
        if not given and name != UNNAMED and not patterns.COUNTED.match(name):
            advice = "write its class and a short name, such as NEW:stakeholder/short-name, or an actor's code"
            raise Undecided(f"{name} is a new actor; {advice}")
        kind, local = given.groups() if given else ("authors", f"{self.page}-{row.line}-{row.item}")
        if given and not printed:
            raise Undecided(f'the column "printed" does not contain the name of {name}')
        whose = "Authors" if name == UNNAMED else name
        label = printed if given else f"{whose} (not named) of {self.page}, line {row.line}, item {row.item}"
        iri = node(f"{kind}:{local}").value
        if not terms.label(self.store, iri):
            of_heading = kind == "authors" or (kind == "stakeholder" and listed_as != "member-state")
            classed = (of_heading and listed_as) or USUAL.get(kind, "not-classified")
            block = (
                f"{kind}:{local} a oewg:{CLASSES[kind]} ;\n    skos:prefLabel {ox.Literal(label, language='en')} ;\n"
                f"    oewg:classifiedAs {node('kind:' + classed)} .\n"
            )
            self.own.append(self.made.setdefault(iri, (label, block))[1])
        return f"<{iri}>"

    def part(self, text: ox.NamedNode, name: str, row: Row, process: str) -> ox.NamedNode:
        """Find a part of a text by its name, and describe it if the line prints that name."""
        slug = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")
        found = ox.NamedNode(f"{text.value}-{slug}")
        if name in row.words:
            label = f"{name} of {text.value.rpartition('/')[2]}"
            self.line.append(
                f"{found} a oewg:DocumentPart ; skos:prefLabel {ox.Literal(label, language='en')} ; "
                f"oewg:kind kind:document-part ; oewg:ofProcess {process} ; oewg:partOf {text} ; "
                f"oewg:labelInSource {ox.Literal(name)} ."
            )
        return found


def node(name: str) -> ox.NamedNode:
    """Make a term of a CURIE, an IRI or a code such as state/AUT; raises Undecided for anything else."""
    code = name.replace("/", ":", 1) if re.fullmatch(r"[a-z]+/[\w-]+", name) else ""
    iri = terms.expand(name) or terms.expand(code)
    if iri is None:
        raise Undecided(f"{name!r} is not a code; write it as state/AUT or state:AUT")
    return ox.NamedNode(iri)


def resolution(row: Row) -> str:
    """Name a resolution by its symbol, `document:a-res-75-240`; raises Undecided if the row has no full symbol."""
    if "/RES/" not in row.symbol:
        raise Undecided("the full symbol of the resolution is missing; write A/RES/... in the column symbol")
    return PREFIXES["document"] + re.sub(r"[^a-z0-9]+", "-", row.symbol.casefold()).strip("-")
