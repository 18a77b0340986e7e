"""Write an answer with footnotes, and its source lines as BibLaTeX, CSL-JSON or RIS."""

import json
import re
from collections.abc import Iterable, Sequence

from oewg_kg import terms
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.identity import Identity

FILES = {".bib": "application/x-bibtex", ".ris": "application/x-research-info-systems"}
RIS_TAGS = {
    "ID": "id",
    "AU": "author",
    "TI": "title",
    "T2": "container-title",
    "UR": "url",
    "N1": "note",
    "N2": "annotation",
}
OUR_WORDS = "Labels, types, kinds, topics and descriptions are the words of the dataset's editors, not of the pages."


def footnotes(rows: Sequence[str], row_lines: Sequence[Sequence[str]], sources: CitedSources) -> str:
    """Write rows of text with footnote marks, and the notes below; a line gets one note however often it is cited.

    A note quotes its line if the page is available, and its address leads to the quoted words if they can be found.
    """
    cited = dict.fromkeys(line for lines in row_lines for line in lines)
    numbers = {line: number for number, line in enumerate(cited, 1)}
    marks = ("".join(f"[^{numbers[line]}]" for line in lines) for lines in row_lines)
    marked = map("".join, zip(rows, marks, strict=True))
    notes = [f"[^{number}]: {_footnote(line, sources)}." for line, number in numbers.items()]
    return "\n\n".join(marked) + "\n\n" + "\n".join(notes) + (f"\n\n{OUR_WORDS}\n" if notes else "\n")


def _footnote(line: str, sources: CitedSources) -> str:
    source, quotation = sources.of(line), sources.dataset.words.get(line, "")
    address = f"[{source.address}]({sources.link(line)})" if source.address else ""
    return source.sentence(address) + (f": “{_escape_markdown(quotation)}”" if quotation else "")


def _escape_markdown(text: str) -> str:
    """Escape a text, so that Markdown does not interpret any of it."""
    return re.sub(r"([\\`*_{}\[\]()<>#^~|$@&])", r"\\\1", text)


def citation_key(line: str) -> str:
    """Make a citation key: `oewg-2019-2021-L33`, `digitallibrary-un-org-record-3896180`."""
    return re.sub(r"[^\w-]+", "-", line.rpartition("/source/")[2].removeprefix("https://"))


def bibtex(lines: Iterable[str], sources: CitedSources, annotation: str = "") -> str:
    """Write one BibLaTeX entry for each line; only annotated bibliographies print the `annotation`, what was asked.

    The pages have no date, and none is made up: styles print "n.d.". The release that transcribed them is in the note.
    """
    fields = ("author", "title", "url", "note", "annotation")
    entries = _citation_fields(lines, sources, annotation)
    return "\n".join(_bibtex_entry("online", entry["id"], {name: entry[name] for name in fields}) for entry in entries)


def _citation_fields(lines: Iterable[str], sources: CitedSources, annotation: str) -> list[dict[str, str]]:
    """List what the citation of each line says, in the words of BibLaTeX and CSL."""
    return [
        {
            "id": citation_key(line),
            "author": source.publisher or sources.identity.creator,
            "title": source.name,
            "container-title": source.within,
            "url": source.address or source.iri,
            "note": source.note,
            "annotation": annotation,
        }
        for line in sorted(set(lines), key=terms.line_order)
        for source in [sources.of(line)]
    ]


def cite_dataset(identity: Identity, title: str = "", address: str = "") -> str:
    """Write the BibLaTeX entry of the dataset, or of a page of it."""
    key = re.sub(r"[^\w-]+", "-", address.removeprefix(identity.base) or identity.title.lower(), flags=re.ASCII)[:80]
    fields = {"author": identity.creator, "title": title or identity.title, "date": identity.issued}
    fields |= {"organization": identity.title, "version": identity.version, "url": address or identity.base}
    return _bibtex_entry("online" if title else "dataset", key, fields)


def cite_page(title: str, address: str, sources: CitedSources) -> dict[str, str]:
    """Cite a page of this dataset, such as an answer: as a sentence, and for the endings `.bib` and `.ris` of files."""
    identity = sources.identity
    fields = {"TY": "ELEC", "AU": identity.creator, "TI": title, "T2": identity.versioned_title}
    fields |= {"PY": identity.issued[:4], "DA": identity.issued.replace("-", "/"), "UR": address}
    return {
        "sentence": f"{identity.creator}, “{title}”, {sources.release}, <{address}>",
        ".bib": cite_dataset(identity, title, address),
        ".ris": _ris_record(fields),
    }


def _bibtex_entry(entry_type: str, key: str, fields: dict[str, str]) -> str:
    """Write an entry, with author and title in double braces, so that no style splits them or changes their capitals."""
    values = {field: text if field == "url" else _escape_latex(text) for field, text in fields.items()}
    values |= {field: f"{{{values[field]}}}" for field in ("author", "title")}
    body = ",\n".join(f"  {field} = {{{value}}}" for field, value in values.items() if value)
    return f"@{entry_type}{{{key},\n{body}\n}}\n"


def _escape_latex(text: str) -> str:
    latex_commands = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return re.sub(r"[&%$#_{}\\~^]", lambda sign: latex_commands.get(sign[0], "\\" + sign[0]), text)


def csl_json(lines: Iterable[str], sources: CitedSources, annotation: str = "") -> str:
    """Write CSL-JSON, one item for each line, valid by the schema csl-data.json of the Citation Style Language.

    Styles print no note of a web page, so the release is in the name of the container.
    """
    items = [
        {
            "id": entry["id"],
            "type": "webpage",
            "author": [{"literal": entry["author"]}],
            "title": entry["title"],
            "container-title": entry["container-title"],
            "URL": entry["url"],
            "note": entry["note"],
            **({"annote": annotation} if annotation else {}),
        }
        for entry in _citation_fields(lines, sources, annotation)
    ]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def ris(lines: Iterable[str], sources: CitedSources, annotation: str = "") -> str:
    """Write RIS, which Zotero, EndNote and Mendeley read: one electronic source for each line."""
    entries = _citation_fields(lines, sources, annotation)
    records = ({"TY": "ELEC"} | {tag: entry[field] for tag, field in RIS_TAGS.items()} for entry in entries)
    return "\r\n".join(map(_ris_record, records))


def _ris_record(fields: dict[str, str]) -> str:
    return "".join(f"{tag}  - {value}\r\n" for tag, value in fields.items() if value) + "ER  - \r\n"


WRITERS = {"bibtex": bibtex, "csl-json": csl_json, "ris": ris}
