"""Find what a cell of an accepted row names: an actor, the Chair's post, a text; or give a new entity its name."""

import re
from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.draft import actors, patterns
from oewg_kg.draft.actors import ActorNames
from oewg_kg.draft.table import Row
from oewg_kg.vocabulary import BASES, OEWG, PREFIXES

UNNAMED = "authors not named"
NAMELESS = ("not-stated", "post/chair", f"NEW:{UNNAMED}")
# The class of a new actor by the first part of its code, and its kind if no heading classifies it.
CLASSES = {
    "stakeholder": ("Stakeholder", "not-classified"),
    "group": ("StateGroup", "not-classified"),
    "authors": ("AuthorGroup", "not-classified"),
    "observer": ("Observer", "observer"),
    "body": ("UNBody", "un-body"),
}
NEW_CODE = re.compile(rf"({'|'.join(CLASSES)})[:/]([A-Za-z0-9-]+)")


class Undecided(ValueError):
    """The reason why a line cannot be written yet."""


@dataclass(frozen=True)
class Party:
    """An actor or post: a Turtle term, and its name in titles; a new one also has a description, an actor a class and a kind."""

    term: str
    label: str = ""
    new_label: str = ""
    class_name: str = ""
    classification: str = ""


class Parties:
    """Finds actors and posts in the graph, and remembers the new ones."""

    def __init__(self, store: ox.Store, page: str) -> None:
        """Begin without new actors; `new_on_line` gathers those of the current line."""
        self.store, self.page = store, page
        self.new_on_line: list[Party] = []
        self.new_actors: dict[str, Party] = {}

    @cached_property
    def names(self) -> ActorNames:
        """Return the index of the names of all actors."""
        return actors.actor_names(self.store)

    def of_row(self, row: Row, listed_as: str, process: str) -> list[tuple[bool, Party, str]]:
        """Find the actors of a row: whether somebody acted in their name, the actor, its printed name; raises Undecided."""
        printed = [name for name in row.printed.split("|") if name]
        parties = []
        for behalf, cell in ((False, row.actors or "not-stated"), (True, row.in_the_name_of)):
            for code in filter(None, cell.split("|")):
                name = printed.pop(0) if printed and code not in NAMELESS else ""
                parties.append((behalf, self._party(code, row, listed_as, process, name), name))
        return parties

    def _party(self, code: str, row: Row, listed_as: str, process: str, printed: str) -> Party:
        """Find the actor that a code names; raises Undecided for an actor that is not in the graph."""
        if code == "not-stated":
            return Party("oewg:SubmitterNotStated")
        if code == "post/chair":
            posts = terms.things(self.store, OEWG + "postIn", process[1:-1])
            chair = next((post for post in posts if post.endswith("-chair")), "")
            name = process[1:-1].rpartition("/")[2]
            return Party(f"<{chair}>", "Chair") if chair else Party(f"post:{name}-chair", "Chair", f"Chair of {name}")
        if code.startswith("NEW:"):
            return self._new_party(code[4:].strip(), row, listed_as, printed)
        actor = self.actor_iri(code)
        label = terms.label(self.store, actor)
        if not label:
            raise Undecided(f"{code} is not in the database; for a new actor, write NEW:{code}")
        return Party(f"<{actor}>", label)

    def actor_iri(self, code: str) -> str:
        """Find the actor that a code names: one of this root, or one that all roots share."""
        iris = [term_of(code).value, *(base + code for base in BASES)]
        return next((iri for iri in iris if terms.label(self.store, iri)), iris[0])

    def initiators(self, row: Row) -> list[tuple[str, str]]:
        """Find the initiators of a text by unnamed authors, each with the printed name; raises Undecided for a doubtful name."""
        initiators = [self.names.actor_named(name) for name in row.printed.split("|") if name]
        for initiator in initiators:
            if not actors.is_sure(initiator):
                raise Undecided(f"the initiator {initiator.printed} is not in the database")
        return [(f"<{self.actor_iri(initiator.code)}>", initiator.printed) for initiator in initiators]

    def _new_party(self, name: str, row: Row, listed_as: str, printed: str) -> Party:
        """Make an actor whose code a person gave (`NEW:stakeholder/name`), or authors whom the page does not name."""
        new_code = NEW_CODE.fullmatch(name)
        if not new_code and name != UNNAMED and not patterns.COUNTED.match(name):
            advice = "write its class and a short name, such as NEW:stakeholder/short-name, or an actor's code"
            raise Undecided(f"{name} is a new actor; {advice}")
        if new_code and not printed:
            raise Undecided(f'the column "printed" does not contain the name of {name}')
        code_class, code_name = new_code.groups() if new_code else ("authors", f"{self.page}-{row.line}-{row.item}")
        authors = "Authors" if name == UNNAMED else name
        unnamed = f"{authors} (not named) of {self.page}, line {row.line}, item {row.item}"
        iri = term_of(f"{code_class}:{code_name}").value
        if label := terms.label(self.store, iri):
            return Party(f"<{iri}>", label if new_code else "")
        listed = code_class == "authors" or (code_class == "stakeholder" and listed_as != "member-state")
        class_name, not_listed = CLASSES[code_class]
        classification = (listed and listed_as) or not_listed
        name_in_title, new_label = (printed, printed) if new_code else ("", unnamed)
        party = Party(f"<{iri}>", name_in_title, new_label, class_name, classification)
        self.new_on_line.append(self.new_actors.setdefault(iri, party))
        return self.new_on_line[-1]


def term_of(name: str) -> ox.NamedNode:
    """Make a term of a CURIE, an IRI or a code such as state/AUT; raises Undecided for anything else."""
    code = name.replace("/", ":", 1) if re.fullmatch(r"[a-z]+/[\w-]+", name) else ""
    iri = terms.expand(name) or terms.expand(code)
    if iri is None:
        raise Undecided(f"{name!r} is not a code; write it as state/AUT or state:AUT")
    return ox.NamedNode(iri)


def resolution_iri(row: Row) -> str:
    """Name a resolution by its symbol, `document:a-res-75-240`; raises Undecided if the row has no full symbol."""
    if "/RES/" not in row.symbol:
        raise Undecided("the full symbol of the resolution is missing; write A/RES/... in the column symbol")
    return PREFIXES["document"] + slug(row.symbol)


def slug(text: str) -> str:
    """Write a text as a local name: in lower case, with hyphens for anything but letters and digits."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
