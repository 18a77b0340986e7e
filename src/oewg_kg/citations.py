"""The lines that prove an answer as a scholar cites them: footnotes, BibLaTeX, CSL-JSON.

Not for finding the lines: `query` and `evidence` do that.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import pyoxigraph as ox

from oewg_kg import terms
from oewg_kg.version import __version__
from oewg_kg.vocabulary import BASE, PREFIXES

CITATION_FORMATS = ("footnotes", "bibtex", "csl-json")
DATASET = f"oewg-kg, version {__version__}"
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
    """Write one BibLaTeX entry for each line (`@online` has title, organization, version and url in BibLaTeX).

    The title stands in braces of its own, so that no style changes its capital letters. What was `asked` is an annotation,
    which only annotated bibliographies print.
    """
    entries = []
    for line in sorted(set(lines), key=terms.line_order):
        title = _escaped(_title(line, pages))
        fields = {"title": f"{{{title}}}", "organization": "oewg-kg", "version": __version__, "url": line}
        fields |= {"annotation": _escaped(asked)} if asked else {}
        body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        entries.append(f"@online{{{key(line)},\n{body}\n}}\n")
    return "\n".join(entries)


def _escaped(text: str) -> str:
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[&%$#_{}\\~^]", lambda found: marks.get(found[0], "\\" + found[0]), text)


def csl_json(lines: Iterable[str], pages: Mapping[str, str], asked: str = "") -> str:
    """Write CSL-JSON, one item for each line, valid by the schema csl-data.json of the Citation Style Language.

    Styles print neither version nor note of a web page, so that the version stands in the name of the whole.
    """
    items = [
        {
            "id": key(line),
            "type": "webpage",
            "title": _title(line, pages),
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
