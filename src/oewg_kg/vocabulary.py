"""The prefixes of our data, PREFIX lines for Turtle files, and the terms that the code itself names.

The short names of pages, and the base of your own root, come from the data: `identity` adds them to the table.
"""

import re

BASE = "https://w3id.org/oewg-kg/"

# The folders under a base, each with a prefix of its name; some are the same in every root.
FOLDERS = ["process", "event", "document", "contribution", "list", "state", "group", "observer", "stakeholder", "body"]
FOLDERS += ["organ", "authors", "person", "post", "tenure", "seat", "membership", "provision", "deadline", "place"]
FOLDERS += ["topic", "kind", "status", "scheme", "decision", "claim", "shape", "source", "graph"]
SHARED_FOLDERS = {"state", "group", "observer", "body", "organ", "membership", "topic", "kind", "status", "scheme"}
SHARED_FOLDERS |= {"shape", "graph"}

PREFIXES: dict[str, str] = {
    "oewg": BASE + "ontology#",
    **{folder: f"{BASE}{folder}/" for folder in FOLDERS},
    "lang": "http://id.loc.gov/vocabulary/iso639-1/",
    "dcterms": "http://purl.org/dc/terms/",
    "org": "http://www.w3.org/ns/org#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "prov": "http://www.w3.org/ns/prov#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vann": "http://purl.org/vocab/vann/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

OEWG = PREFIXES["oewg"]
RDF_TYPE = PREFIXES["rdf"] + "type"
PREF_LABEL = PREFIXES["skos"] + "prefLabel"
# The individuals that record that a page is silent: they can be counted, and nothing is inferred about them.
SILENCES = (OEWG + "TargetNotStated", OEWG + "SubmitterNotStated")

# The records of the United Nations Digital Library, and the graph of the votes taken from them.
RECORD, VOTES = "https://digitallibrary.un.org/record/", BASE + "graph/data/reference/votes"
RESOLVED = BASE + "graph/resolved"
INFERRED = BASE + "graph/inferred"
PUBLISHED = BASE + "graph/published"
GENID = BASE + ".well-known/genid/"


def iri(curie: str) -> str:
    """Write out a CURIE of the table of prefixes."""
    prefix, _, name = curie.partition(":")
    return PREFIXES[prefix] + name


def iris(curies: str) -> list[str]:
    """Write out CURIEs separated by spaces."""
    return [iri(curie) for curie in curies.split()]


BASES = [BASE]  # of terms and shared entities, and last that of the open root
BY_LENGTH: list[tuple[str, str]] = []


def declare(base: str, pages: dict[str, str]) -> None:
    """Add what an opened root declares to the table: its base and the prefixes of its pages, replacing those of an earlier root."""
    for prefix in [prefix for prefix in PREFIXES if PREFIXES[prefix].endswith("#L") and prefix not in pages]:
        del PREFIXES[prefix]
    PREFIXES.update({folder: f"{base}{folder}/" for folder in FOLDERS if folder not in SHARED_FOLDERS} | pages)
    BASES[:] = dict.fromkeys((BASE, base))
    BY_LENGTH[:] = sorted(PREFIXES.items(), key=lambda prefix_and_namespace: -len(prefix_and_namespace[1]))


def declarations(*pages: str, text: str = "") -> str:
    """Write the PREFIX lines of a Turtle file: those that its text uses, else the table, of pages only those named by their prefixes."""
    if text:
        bare = re.sub(r'"(?:[^"\\]|\\.)*"|<[^>]*>', " ", text)
        prefixes = [prefix for prefix in PREFIXES if re.search(rf"(?<![\w:-]){prefix}:\w", bare)]
    else:
        prefixes = [prefix for prefix in PREFIXES if prefix in pages or not PREFIXES[prefix].endswith("#L")]
    return "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in prefixes)


def add_block(text: str, block: str) -> str:
    """Add a block to the text of a Turtle file, and before it the PREFIX lines that it lacks."""
    head, keyword, body = f"{text.rstrip()}\n".partition("PREFIX ")
    missing = "".join(line for line in declarations(text=block).splitlines(keepends=True) if line not in text)
    return f"{head}{missing}{keyword}{body}\n{block.strip()}\n"


def own(iri: str) -> bool:
    """Return whether an IRI is in our namespaces or in those of the open root."""
    return iri.startswith(tuple(BASES))


def local(iri: str) -> str:
    """Return what follows the base in an IRI of our namespaces: `state/EST`."""
    return iri.removeprefix(next((base for base in reversed(BASES) if iri.startswith(base)), ""))


declare(BASE, {})
