"""The real sources once, twice, two hundred times: a root whose copies say the same of things with other names.

A copy is the same text with other namespaces, in PREFIX lines and in IRIs: processes with their sessions, documents, resolutions with
their votes, contributions, lines, stakeholders and persons get new names and new labels. States stay (there will not be more of them:
more pages name the same ones, so each gets more contributions and votes), and so do the ontology and its concepts.

Run it as `python benchmarks/multiply.py N FOLDER`; the same sources give the same bytes.
"""

import re
import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BASE = "https://w3id.org/oewg-kg/"
KEPT = ("state", "historic-state", "kind", "status", "scheme", "topic", "shape", "graph")
NAMESPACE = re.compile(rf"<{re.escape(BASE)}([a-z-]+)/")
SUBJECT = re.compile(r"^([a-z]+[0-9]?):\S", re.MULTILINE)
LABEL = re.compile(r'(skos:prefLabel "(?:[^"\\]|\\.)*)"')


def multiply(times: int, folder: Path) -> Path:
    """Write a root with `ontology/ data/ shapes/ queries/` into a folder, and return it."""
    for part in ("ontology", "data", "shapes", "queries"):
        shutil.copytree(CHECKOUT / part, folder / part)
    for source in sorted(path for path in (folder / "data").rglob("*") if path.suffix in (".ttl", ".trig")):
        text = source.read_text(encoding="utf-8")
        if source.name == "dataset.ttl" or set(SUBJECT.findall(text)) == {"state"}:
            continue
        for copy in range(2, times + 1):
            source.with_stem(f"{source.stem}-copy-{copy}").write_text(renamed(text, copy), encoding="utf-8")
    return folder


def renamed(text: str, copy: int) -> str:
    """Rename things and their labels: in copy 2, `contribution:x` means `.../contribution/copy-b-x`."""
    mark = f"copy-{letters(copy - 1)}"
    text = LABEL.sub(rf'\1, {mark}"', text)
    return NAMESPACE.sub(lambda found: found[0] if found[1] in KEPT else f"{found[0]}{mark}-", text)


def letters(number: int) -> str:
    """Write a number with letters, since digits in a name may mean something: b, c, ... z, ba, bb, ..."""
    return (letters(number // 26) if number >= 26 else "") + chr(ord("a") + number % 26)


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[1].isdigit():
        sys.exit("python benchmarks/multiply.py N FOLDER")
    print(multiply(int(sys.argv[1]), Path(sys.argv[2])))
