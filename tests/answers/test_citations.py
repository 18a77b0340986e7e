"""Footnotes, BibLaTeX, CSL-JSON and RIS: publisher, page, address, line and release, and what is cited is what the answer cites."""

import json
import re
import subprocess
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

import external
from conftest import ROOT
from oewg_kg import __version__
from oewg_kg.answers import citations
from oewg_kg.answers.cited_sources import CitedSources
from oewg_kg.cli import main
from oewg_kg.dataset import Dataset
from oewg_kg.identity import Identity
from oewg_kg.version import DATE
from oewg_kg.vocabulary import PREFIXES

pytestmark = pytest.mark.slow
DAY = "28 November 2026"

# Lines of a printed title, of a title of ours, and both drafts of the flagship question.
CITED = (
    ("ask", "states-on-both-drafts"),
    ("ask", "deadlines"),
    ("why", "state:IRN", "nameInSource"),
)
# Reads CSL-JSON with the model that csl-reference made of csl-data.json, the schema of the Citation Style Language, writes
# it anew, which leaves out what the schema does not know, and renders it with citeproc-py and the style of Harvard.
PROCESSOR = """
import json, sys, warnings
warnings.simplefilter("ignore")
import citeproc, csl_reference
items = json.load(open(sys.argv[1], encoding="utf-8"))
kept = [csl_reference.Reference.model_validate(item).csl_dump(mode="json") for item in items]
style = citeproc.CitationStylesStyle("harvard-cite-them-right", locale="en-GB", validate=False)
source = citeproc.source.json.CiteProcJSON(items)
whole = citeproc.CitationStylesBibliography(style, source, citeproc.formatter.plain)
for item in items:
    whole.register(citeproc.Citation([citeproc.CitationItem(item["id"])]))
print(json.dumps({"kept": kept, "rendered": [str(entry) for entry in whole.bibliography()]}))
"""


def written(*words: str) -> str:
    done = CliRunner().invoke(main, [*words])
    assert done.exit_code == 0, done.output
    return done.stdout


def test_footnotes_mark_each_row_and_note_each_line_once(kg) -> None:
    text = written("ask", "states-on-both-drafts", "-f", "footnotes")
    answer = kg.ask("states-on-both-drafts")
    cited = {line for lines in answer.citations for line in lines}
    marks, notes = re.findall(r"\[\^(\d+)\](?!:)", text), re.findall(r"^\[\^(\d+)\]: (.*)$", text, re.MULTILINE)
    assert len(notes) == len(cited) == 62
    assert set(marks) == {number for number, _ in notes}
    assert {re.search(r"<(.*)>", note)[1] for _, note in notes} == cited  # type: ignore[index]
    address = "https://disarmament.unoda.org/open-ended-working-group"
    start = "United Nations Office for Disarmament Affairs, [Page of documents and contributions of the OEWG 2019-2021]"
    end = f"recorded in oewg-kg, version {__version__}, {DAY}, <https://w3id.org/oewg-kg/source/oewg-2019-2021#L131>."
    link = f"[{address}]({address}#:~:text=Armenia,-Australia)"
    assert f"{start}, {link} (saved on or after 25 March 2021), line 131; {end}" in {note for _, note in notes}
    question = "Which states contributed to both the initial pre-draft and the Zero Draft?"
    title = f"# {question} (any contribution)"
    assert [title, "Armenia[^1][^2]"] == text.split("\n\n")[:3:2]


def test_bibtex_has_one_entry_for_each_line_with_balanced_braces() -> None:
    text = written("ask", "deadlines", "-f", "bibtex")
    keys = re.findall(r"^@online\{([^,]+),$", text, re.MULTILINE)
    assert keys == ["oewg-2019-2021-L124", "oewg-2019-2021-L125", "oewg-2021-2025-L186"]
    assert text.count("{") == text.count("}")


def test_csl_json_names_each_line_in_the_order_of_the_page() -> None:
    items = json.loads(written("why", "state:IRN", "nameInSource", "-f", "csl-json"))
    assert [item["title"].rpartition(", ")[2] for item in items] == ["line 47", "line 114", "line 149", "line 244"]


@pytest.mark.parametrize("words", CITED, ids=" ".join)
def test_csl_json_keeps_to_the_schema_and_a_processor_renders_it(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "lines.json"
    file.write_text(written(*words, "-f", "csl-json"), encoding="utf-8")
    items = json.loads(file.read_text(encoding="utf-8"))
    found = json.loads(external.output(external.others("python"), "-c", PROCESSOR, file))
    assert found["kept"] == items and len(items) > 2
    assert len(found["rendered"]) == len(items)
    for item, text in zip(items, found["rendered"], strict=True):
        assert all(
            told in text
            for told in (item["title"], item["author"][0]["literal"], f"version {__version__}", item["URL"])
        )


@pytest.mark.parametrize("words", CITED, ids=" ".join)
def test_pandoc_reads_the_same_from_biblatex_and_renders_each_line(words: tuple[str, ...]) -> None:
    items = {item["id"]: item for item in json.loads(written(*words, "-f", "csl-json"))}
    text = written(*words, "-f", "bibtex")
    read = {item["id"]: item for item in json.loads(external.pandoc(text, "-f", "biblatex", "-t", "csljson"))}
    assert read.keys() == items.keys()
    for key, item in items.items():
        for name in ("type", "author", "title", "note", "URL"):
            assert read[key][name] == item[name]
    for format, source in (("biblatex", text), ("csljson", json.dumps(list(items.values())))):
        rendered = external.pandoc(source, "-f", format, "--citeproc", "-t", "plain", "--wrap=none")
        assert {key for key, item in items.items() if item["URL"] not in rendered} == set(), format
        flat = rendered.casefold()
        assert all(flat.count(f"{item['title'].casefold()}") == 1 for item in items.values()), "no title twice"
        assert "n.d." in rendered, "the pages have no date"


@pytest.mark.parametrize("words", CITED, ids=" ".join)
def test_pandoc_makes_a_footnote_of_each_note(words: tuple[str, ...]) -> None:
    html = external.pandoc(written(*words, "-f", "footnotes"), "-f", "markdown", "-t", "html", "--wrap=none")
    body, _, notes = html.partition("<section ")
    lines = [item["note"].rpartition(" ")[2] for item in json.loads(written(*words, "-f", "csl-json"))]
    assert sorted(re.findall(r'<li id="fn\d+".*?<a href="(https://w3id[^"#]+#L\d+)"', notes)) == sorted(lines)
    assert "[^" not in html, "a mark without its note"
    rows = len(written(*words, "-f", "csv").splitlines()) - 1
    assert len(re.findall(r"^<p>", body, re.MULTILINE)) == rows + 1 + body.count("<p>Counted: ")
    assert body.count("<p>Labels, types, kinds, topics and descriptions are the words of the dataset") == 1


@pytest.mark.parametrize("words", CITED, ids=" ".join)
def test_biber_takes_every_entry_and_misses_only_the_date_that_the_pages_do_not_have(
    words: tuple[str, ...], tmp_path: Path
) -> None:
    """By the data model of BibLaTeX an entry of these kinds has an author, a title, a date and an address."""
    whole = citations.cite_dataset(Identity())
    (tmp_path / "lines.bib").write_text(written(*words, "-f", "bibtex") + "\n" + whole, encoding="utf-8")
    program = external.program("biber", "--no-install-recommends biber")
    done = subprocess.run(
        [program, "--tool", "--validate-datamodel", "lines.bib"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Datamodel validation complete" in done.stdout
    told = [line for line in done.stdout.splitlines() if line.startswith(("WARN", "ERROR"))]
    assert [line for line in told if "one of 'date, year' must be defined" not in line and "WARNINGS" not in line] == []
    assert not any("oewg-kg'" in line for line in told), "the dataset has a date"


@pytest.mark.parametrize("words", CITED, ids=" ".join)
def test_ris_says_to_its_readers_what_csl_json_says(words: tuple[str, ...], tmp_path: Path) -> None:
    file = tmp_path / "lines.ris"
    file.write_text(written(*words, "-f", "ris"), encoding="utf-8", newline="")
    program = "import json, rispy, sys; print(json.dumps(rispy.load(open(sys.argv[1], encoding='utf-8'))))"
    read = json.loads(external.output(external.others("python"), "-c", program, file))
    items = json.loads(written(*words, "-f", "csl-json"))
    told = [
        (i["id"], [i["author"][0]["literal"]], i["title"], i["container-title"], [i["URL"]], [i["note"]]) for i in items
    ]
    names = ("id", "authors", "title", "secondary_title", "urls", "notes")
    assert [tuple(entry[name] for name in names) for entry in read] == told


@pytest.mark.parametrize("title", ["A & B", "100 % {x}", "a_b", "a\\b", "~x^2"])
def test_bibtex_escapes_what_tex_would_read(title: str) -> None:
    store = ox.Store()
    page = ox.NamedNode("http://x/source/p")
    store.add(ox.Quad(page, ox.NamedNode(PREFIXES["dcterms"] + "title"), ox.Literal(title)))
    text = citations.bibtex(["http://x/source/p#L1"], CitedSources(Dataset(store, {})), f"Which? (text = {title})")
    (item,) = json.loads(external.pandoc(text, "-f", "biblatex", "-t", "csljson"))
    assert item["title"] == f"{title}, line 1"
    assert text.count("{") == text.count("}") and "annotation = {Which? (text = " in text


def test_the_citation_file_has_version_day_and_author_of_the_entries() -> None:
    text = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {__version__}\ndate-released: {DATE}\n" in text
    assert f'\n  - name: "{Identity().creator}"\n' in text
