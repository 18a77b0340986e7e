"""What a dataset says of itself: base IRI, title, authors and version, its file names, and the short names of its pages."""

import re
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import terms, vocabulary
from oewg_kg.version import DATE, __version__
from oewg_kg.vocabulary import BASE, PREFIXES, RDF_TYPE

PAGE_PREFIX = ox.NamedNode(PREFIXES["vann"] + "preferredNamespacePrefix")
DATASET_CLASS = ox.NamedNode(PREFIXES["schema"] + "Dataset")


@dataclass(frozen=True)
class Identity:
    """A dataset as pages, exports and citations name it; version and day ("" if not stated) are those of the package for ours."""

    base: str = BASE
    title: str = "oewg-kg"
    description: str = "Contributions, documents and meetings of the United Nations negotiations on ICT security"
    creator: str = "The oewg-kg authors"
    version: str = __version__
    issued: str = DATE

    @property
    def file_name(self) -> str:
        """Return the title in letters, digits and hyphens, for file names; the end of the base IRI if it has none of these."""
        words = re.findall("[a-z0-9]+", terms.folded(self.title)) or re.findall("[a-z0-9]+", self.base.lower())[-1:]
        return "-".join(words)[:60].rstrip("-")

    @property
    def release_name(self) -> str:
        """Return the name of the folder and archive of a release."""
        return f"{self.file_name}-{self.version}"

    @property
    def versioned_title(self) -> str:
        """Return the title with the version, if there is one."""
        return f"{self.title}, version {self.version}" if self.version else self.title


def of(store: ox.Store) -> Identity:
    """Read the identity of the dataset in a store; ours if it states none."""
    subjects = [quad.subject for quad in store.quads_for_pattern(None, ox.NamedNode(RDF_TYPE), DATASET_CLASS, None)]
    base = min((terms.text_of(subject) for subject in subjects), default=BASE)
    statements: dict[str, str] = {}
    for quad in store.quads_for_pattern(ox.NamedNode(base), None, None):
        statements.setdefault(terms.compact(quad.predicate.value), terms.text_of(quad.object))
    title = statements.get("dcterms:title", Identity.title)
    if title == Identity.title:
        return Identity(description=statements.get("dcterms:description", Identity.description))
    properties = ("dcterms:creator", "owl:versionInfo", "dcterms:issued")
    creator, version, issued = (statements.get(curie, "") for curie in properties)
    return Identity(base, title, statements.get("dcterms:description", title), creator, version, issued)


def adopt(store: ox.Store) -> None:
    """Read and write CURIEs from now on with the prefixes of the root in a store."""
    pages = {
        terms.text_of(quad.object): f"{terms.text_of(quad.subject)}#L"
        for quad in store.quads_for_pattern(None, PAGE_PREFIX, None, None)
        if "/source/" in terms.text_of(quad.subject)
    }
    vocabulary.declare(of(store).base, dict(sorted(pages.items())))
