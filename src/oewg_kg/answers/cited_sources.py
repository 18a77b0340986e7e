"""What a citation says of its source (line, voting record, file): publisher, title, part, date, address, link to the quoted words."""

from dataclasses import dataclass
from functools import cached_property

import pyoxigraph as ox

from oewg_kg import identity, terms
from oewg_kg.answers import text_fragments
from oewg_kg.dataset import Dataset
from oewg_kg.vocabulary import INFERRED, OEWG, PREFIXES, RECORD, VOTES, iris

LIBRARY = "United Nations Digital Library"
BALLOTS = set(iris("oewg:votedYes oewg:votedNo oewg:abstained oewg:didNotVote"))  # they follow from the final roll call


@dataclass(frozen=True)
class CitedSource:
    """What a citation names: publisher, title and address, the part (`line 33`), the earliest date of this state, our IRI and release."""

    publisher: str
    title: str
    address: str
    part: str
    saved: str
    iri: str
    release: str

    @property
    def name(self) -> str:
        """Return title and part, which every citation style prints."""
        return ", ".join(filter(None, (self.title, self.part)))

    @property
    def note(self) -> str:
        """Return which release transcribed it, and when the page was saved if known."""
        page_date = f"page saved {self.saved}; " if self.saved else ""
        return f"{page_date}{self.within}, {self.iri}"

    @property
    def within(self) -> str:
        """Return which release transcribed it; anything not in a release is the user's own."""
        return f"recorded in {self.release}" if self.release else "a file of your own"

    def sentence(self, address: str = "") -> str:
        """Write the place as in a footnote: publisher, title, address, part, release; `address` may be a link in another syntax."""
        title = self.title if self.title.startswith("[") else f"“{self.title}”"
        save_date = f" (saved {self.saved})" if self.saved else ""
        elements = [self.publisher, title, (address or self.address) + save_date, self.part]
        return f"{', '.join(filter(None, elements))}; {self.within}, <{self.iri}>"


class CitedSources:
    """The citation details of everything that the answers cite, each looked up once."""

    def __init__(self, dataset: Dataset) -> None:
        """Keep the graph."""
        self.dataset, self.store = dataset, dataset.store
        self.identity = identity.of(dataset.store)
        issued = [terms.date_in_words(self.identity.issued)] if terms.is_date(self.identity.issued) else []
        self.release = ", ".join([self.identity.versioned_title, *issued])

    def of(self, iri: str) -> CitedSource:
        """Describe a source line, a voting record or a graph of external facts."""
        page, _, number = iri.rpartition("#L")
        if number.isdigit() and page:
            properties = (PREFIXES["dcterms"] + "title", OEWG + "publisher", OEWG + "address", OEWG + "savedNotBefore")
            title, publisher, address, saved = (self._value(page, predicate) for predicate in properties)
            save_date = saved and f"{'on' if saved.count('-') == 2 else 'in'} or after {terms.date_in_words(saved)}"
            title = title or f"[{terms.label(self.store, page) or page}]"
            return CitedSource(publisher, title, address, f"line {number}", save_date, iri, self.release)
        if iri.startswith(RECORD):
            roll_call = next(iter(terms.things(self.store, OEWG + "votingRecordLink", iri)), "")
            resolution = roll_call and (self._value(roll_call, OEWG + "finalVoteOn") or roll_call)
            title = f"Voting record of {terms.name(self.store, resolution)}" if resolution else "Voting record"
            part = f"record {iri.removeprefix(RECORD)}"
            return CitedSource(LIBRARY, title, iri, part, "", resolution or iri, self.release)
        if iri.startswith(PREFIXES["graph"] + "beside/"):
            file, row = terms.own_file(iri)
            return CitedSource("your file", file, "", row, "", iri, "")
        return CitedSource("", f"[{terms.label(self.store, iri) or terms.compact(iri)}]", "", "", "", iri, self.release)

    def proof(self, entity: str, graph: str, predicate: str = "") -> str:
        """Return what supports a fact of a graph about an entity: the voting record for a vote, else the graph, which may be a line."""
        if graph == VOTES or (graph == INFERRED and predicate in BALLOTS):
            roll_call = self._value(entity, OEWG + "finalVote") or entity
            return self._value(roll_call, OEWG + "votingRecordLink") or graph
        return graph

    def link(self, iri: str) -> str:
        """Return the address that a browser opens at the words of a line, if these identify it; else the address."""
        address, directive = self.of(iri).address, self._directives.get(iri, "")
        return f"{address}#:~:text={directive}" if address and directive else address

    def _value(self, subject: str, predicate: str) -> str:
        """Find the value of a property; "" for none."""
        return next(iter(terms.values(self.store, ox.NamedNode(subject), predicate)), "")

    @cached_property
    def _directives(self) -> dict[str, str]:
        return text_fragments.directives(self.store)
