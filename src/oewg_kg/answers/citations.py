"""The source lines of an answer as scholars cite them: footnotes, BibLaTeX, CSL-JSON."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.version import DATE, __version__
from oewg_kg.vocabulary import BASE, PREFIXES

CITATION_FORMATS = ("footnotes", "bibtex", "csl-json")
DATASET, AUTHOR = f"oewg-kg, version {__version__}", "The oewg-kg authors"
TITLE, SOURCE = PREFIXES["dcterms"] + "title", BASE + "source/"


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


def place(line: str, pages: Mapping[str, str]) -> str:
    """Cite a line: title of the page, number, dataset with version, IRI."""
    page, _, number = line.rpartition("#L")
    return f"{pages.get(page, page)}, line {number}, in {DATASET}, <{line}>" if number else f"{DATASET}, <{line}>"


def footnotes(rows: Sequence[str], cited: Sequence[Sequence[str]], pages: Mapping[str, str]) -> str:
    """Write rows of text with footnote marks, and below them the notes; a line is one note wherever it is cited."""
    numbers = {line: at for at, line in enumerate(dict.fromkeys(line for lines in cited for line in lines), 1)}
    marked = [text + "".join(f"[^{numbers[line]}]" for line in lines) for text, lines in zip(rows, cited, strict=True)]
    notes = [f"[^{number}]: {place(line, pages)}." for line, number in numbers.items()]
    return "\n\n".join(marked) + "\n\n" + "\n".join(notes) + "\n"


def key(line: str) -> str:
    """Make a citation key: `oewg-2019-2021-L33`."""
    return line.removeprefix(SOURCE).replace("#", "-")


def bibtex(lines: Iterable[str], pages: Mapping[str, str], asked: str = "") -> str:
    """Write one BibLaTeX entry for each line; what was `asked` is an annotation, which only annotated bibliographies print."""
    ordered = sorted(set(lines), key=terms.line_order)
    return "\n".join(entry("online", key(line), _title(line, pages), line, asked) for line in ordered)


def entry(kind: str, name: str, title: str, url: str, asked: str = "") -> str:
    """Write a BibLaTeX entry, all its fields in `fields`; author and title in braces of their own, so that no style changes them."""
    fields = {"author": f"{{{AUTHOR}}}", "title": f"{{{_escaped(title)}}}", "date": DATE, "organization": "oewg-kg"}
    fields |= {"version": __version__, "url": url}
    fields |= {"annotation": _escaped(asked)} if asked else {}
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items())
    return f"@{kind}{{{name},\n{body}\n}}\n"


def _escaped(text: str) -> str:
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[&%$#_{}\\~^]", lambda found: marks.get(found[0], "\\" + found[0]), text)


def csl_json(lines: Iterable[str], pages: Mapping[str, str], asked: str = "") -> str:
    """Write CSL-JSON, one item for each line; the version is part of the container's name, since styles print no version of a page."""
    items = [
        {
            "id": key(line),
            "type": "webpage",
            "author": [{"literal": AUTHOR}],
            "title": _title(line, pages),
            "issued": {"date-parts": [[int(part) for part in DATE.split("-")]]},
            "container-title": DATASET,
            "version": __version__,
            "URL": line,
            **({"annote": asked} if asked else {}),
        }
        for line in sorted(set(lines), key=terms.line_order)
    ]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _title(line: str, pages: Mapping[str, str]) -> str:
    """Name a line in a bibliography: the page and the number, since that is what every style prints."""
    page, _, number = line.rpartition("#L")
    return f"{pages.get(page, page).strip('“”')}, line {number}"
