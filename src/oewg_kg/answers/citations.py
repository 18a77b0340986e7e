"""Write an answer with footnotes, and its source lines as BibLaTeX, CSL-JSON or RIS."""

import json
import re
from collections.abc import Iterable, Sequence

from oewg_kg import terms
from oewg_kg.answers.places import Places
from oewg_kg.identity import Identity

FILES = {".bib": "application/x-bibtex", ".ris": "application/x-research-info-systems"}
RIS = {
    "ID": "id",
    "AU": "author",
    "TI": "title",
    "T2": "container-title",
    "UR": "url",
    "N1": "note",
    "N2": "annotation",
}
OURS = "Labels, types, kinds, topics and descriptions are our own words about these lines."


def footnotes(rows: Sequence[str], cited: Sequence[Sequence[str]], places: Places) -> str:
    """Write rows of text with footnote marks, and the notes below; a line gets one note however often it is cited.

    A note quotes its line if the page is available, and its address leads to the quoted words if they can be found.
    """
    numbers = {line: at for at, line in enumerate(dict.fromkeys(line for lines in cited for line in lines), 1)}
    marked = [text + "".join(f"[^{numbers[line]}]" for line in lines) for text, lines in zip(rows, cited, strict=True)]
    notes = [f"[^{number}]: {_note(line, places)}." for line, number in numbers.items()]
    return "\n\n".join(marked) + "\n\n" + "\n".join(notes) + (f"\n\n{OURS}\n" if notes else "\n")


def _note(line: str, places: Places) -> str:
    place, words = places.of(line), places.dataset.words.get(line, "")
    address = f"[{place.address}]({places.link(line)})" if place.address else ""
    return place.sentence(address) + (f": “{_literal(words)}”" if words else "")


def _literal(text: str) -> str:
    """Escape a text, so that Markdown does not interpret any of it."""
    return re.sub(r"([\\`*_{}\[\]()<>#^~|$@&])", r"\\\1", text)


def key(line: str) -> str:
    """Make a citation key: `oewg-2019-2021-L33`, `digitallibrary-un-org-record-3896180`."""
    return re.sub(r"[^\w-]+", "-", line.rpartition("/source/")[2].removeprefix("https://"))


def bibtex(lines: Iterable[str], places: Places, asked: str = "") -> str:
    """Write one BibLaTeX entry for each line; what was `asked` is an annotation, which only annotated bibliographies print.

    The pages have no date, and none is made up: styles print "n.d.". The release that transcribed them is in the note.
    """
    cited = _cited(lines, places, _escaped(asked))
    for one in cited:
        one |= {
            "author": f"{{{_escaped(one['author'])}}}",
            "title": f"{{{_escaped(one['title'])}}}",
            "note": _escaped(one["note"]),
        }
    fields = ("author", "title", "url", "note", "annotation")
    return "\n".join(_entry("online", one["id"], {field: one[field] for field in fields}) for one in cited)


def _cited(lines: Iterable[str], places: Places, asked: str) -> list[dict[str, str]]:
    """List what the citation of each line says, in the words of BibLaTeX and CSL."""
    return [
        {
            "id": key(line),
            "author": place.publisher or places.about.creator,
            "title": place.name,
            "container-title": place.within,
            "url": place.address or place.iri,
            "note": place.note,
            "annotation": asked,
        }
        for line in sorted(set(lines), key=terms.line_order)
        for place in [places.of(line)]
    ]


def dataset(about: Identity, title: str = "", address: str = "") -> str:
    """Write the BibLaTeX entry of the dataset, or of a page of it."""
    name = re.sub(r"[^\w-]+", "-", address.removeprefix(about.base) or about.title.lower(), flags=re.ASCII)[:80]
    fields = {"author": f"{{{_escaped(about.creator)}}}", "title": f"{{{_escaped(title or about.title)}}}"}
    fields |= {"date": about.issued, "organization": _escaped(about.title), "version": about.version}
    return _entry("online" if title else "dataset", name, fields | {"url": address or about.base})


def page(title: str, address: str, places: Places) -> dict[str, str]:
    """Cite a page of this dataset, such as an answer: as a sentence, and for the endings `.bib` and `.ris` of files."""
    about = places.about
    fields = {"TY": "ELEC", "AU": about.creator, "TI": title, "T2": about.versioned_title, "PY": about.issued[:4]}
    return {
        "sentence": f"{about.creator}, “{title}”, {places.release}, <{address}>",
        ".bib": dataset(about, title, address),
        ".ris": _record(fields | {"DA": about.issued.replace("-", "/"), "UR": address}),
    }


def _entry(kind: str, name: str, fields: dict[str, str]) -> str:
    """Write an entry, with author and title in double braces, so that no style splits them or changes their capitals."""
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in fields.items() if value)
    return f"@{kind}{{{name},\n{body}\n}}\n"


def _escaped(text: str) -> str:
    marks = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[&%$#_{}\\~^]", lambda found: marks.get(found[0], "\\" + found[0]), text)


def csl_json(lines: Iterable[str], places: Places, asked: str = "") -> str:
    """Write CSL-JSON, one item for each line, valid by the schema csl-data.json of the Citation Style Language.

    Styles print no note of a web page, so the release is in the name of the container.
    """
    items = [
        {
            "id": one["id"],
            "type": "webpage",
            "author": [{"literal": one["author"]}],
            "title": one["title"],
            "container-title": one["container-title"],
            "URL": one["url"],
            "note": one["note"],
            **({"annote": asked} if asked else {}),
        }
        for one in _cited(lines, places, asked)
    ]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def ris(lines: Iterable[str], places: Places, asked: str = "") -> str:
    """Write RIS, which Zotero, EndNote and Mendeley read: one electronic source for each line."""
    cited = _cited(lines, places, asked)
    return "\r\n".join(_record({"TY": "ELEC"} | {tag: one[name] for tag, name in RIS.items()}) for one in cited)


def _record(fields: dict[str, str]) -> str:
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields.items() if value) + "ER  - \r\n"


WRITERS = {"bibtex": bibtex, "csl-json": csl_json, "ris": ris}
