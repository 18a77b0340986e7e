"""The source lines of an answer as scholars cite them: footnotes, BibLaTeX, CSL-JSON."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from oewg_kg import identity, terms
from oewg_kg.identity import Identity
from oewg_kg.vocabulary import PREFIXES

CITATION_FORMATS = ("footnotes", "bibtex", "csl-json")
TITLE = PREFIXES["dcterms"] + "title"


@dataclass(frozen=True)
class Cited:
    """What citations name: the dataset, and the title of each page."""

    about: Identity
    pages: Mapping[str, str]


def cited(store: ox.Store) -> Cited:
    """Read what citations of lines of a store name."""
    return Cited(identity.of(store), titles(store))


def titles(store: ox.Store) -> dict[str, str]:
    """Find the title of each page: the one that it prints, else our label in brackets."""
    found = {}
    for quad in store.quads_for_pattern(
        None, ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(PREFIXES["oewg"] + "Source")
    ):
        page = terms.text_of(quad.subject)
        printed = [terms.text_of(q.object) for q in store.quads_for_pattern(quad.subject, ox.NamedNode(TITLE), None)]
        found[page] = f"“{min(printed)}”" if printed else f"[{terms.label(store, page) or page}]"
    return found


def place(line: str, named: Cited) -> str:
    """Cite a line: title of the page, number, dataset with version, IRI."""
    page, _, number = line.rpartition("#L")
    within = f"{named.about.named}, <{line}>"
    return f"{named.pages.get(page, page)}, line {number}, in {within}" if number else within


def footnotes(rows: Sequence[str], cited: Sequence[Sequence[str]], named: Cited) -> str:
    """Write rows of text with footnote marks, and below them the notes; a line is one note wherever it is cited."""
    numbers = {line: at for at, line in enumerate(dict.fromkeys(line for lines in cited for line in lines), 1)}
    marked = [text + "".join(f"[^{numbers[line]}]" for line in lines) for text, lines in zip(rows, cited, strict=True)]
    notes = [f"[^{number}]: {place(line, named)}." for line, number in numbers.items()]
    return "\n\n".join(marked) + "\n\n" + "\n".join(notes) + "\n"


def key(line: str) -> str:
    """Make a citation key: `oewg-2019-2021-L33`."""
    return line.rpartition("/source/")[2].replace("#", "-")


def bibtex(lines: Iterable[str], named: Cited, asked: str = "") -> str:
    """Write one BibLaTeX entry for each line; what was `asked` is an annotation, which only annotated bibliographies print."""
    ordered = sorted(set(lines), key=terms.line_order)
    return "\n".join(entry("online", key(line), _title(line, named), line, named.about, asked) for line in ordered)


def entry(kind: str, name: str, title: str, url: str, about: Identity, asked: str = "") -> str:
    """Write a BibLaTeX entry, all its fields in `fields`; author and title in braces of their own, so that no style changes them."""
    fields = {"author": f"{{{_escaped(about.creator)}}}", "title": f"{{{_escaped(title)}}}", "date": about.issued}
    fields |= {
        "organization": _escaped(about.title),
        "version": about.version,
        "url": url,
        "annotation": _escaped(asked),
    }
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items() if value)
    return f"@{kind}{{{name},\n{body}\n}}\n"


def dataset(about: Identity) -> str:
    """Write the BibLaTeX entry of the dataset as one."""
    return entry("dataset", re.sub(r"\W+", "-", about.title.lower()), about.title, about.base, about)


def _escaped(text: str) -> str:
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[&%$#_{}\\~^]", lambda found: marks.get(found[0], "\\" + found[0]), text)


def csl_json(lines: Iterable[str], named: Cited, asked: str = "") -> str:
    """Write CSL-JSON, one item for each line; the version is part of the container's name, since styles print no version of a page."""
    about = named.about
    items = [
        {
            "id": key(line),
            "type": "webpage",
            "author": [{"literal": about.creator}],
            "title": _title(line, named),
            **({"issued": {"date-parts": [[int(part) for part in about.issued.split("-")]]}} if about.issued else {}),
            "container-title": about.named,
            "version": about.version,
            "URL": line,
            **({"annote": asked} if asked else {}),
        }
        for line in sorted(set(lines), key=terms.line_order)
    ]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _title(line: str, named: Cited) -> str:
    """Name a line in a bibliography: the page and the number, since that is what every style prints."""
    page, _, number = line.rpartition("#L")
    return f"{named.pages.get(page, page).strip('“”')}, line {number}"
