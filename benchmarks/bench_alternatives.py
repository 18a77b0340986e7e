"""Whether faster engines for rules and shapes give what ours give: `reasonable`, `pyrudof`, `maplib`, `pyshacl-turbo`, from PyPI.

Not for choosing: an engine that differs in one triple or one finding is not used. The real data conform, so the invalid fixtures of the
shapes (each breaks one constraint) stand beside them. The packages are looked for in this Python, or in that named by ALTERNATIVES.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import rdflib

import timing
from oewg_kg import dataset as datasets
from oewg_kg import mappings, paths
from oewg_kg.evidence import decisions
from oewg_kg.inference import infer
from oewg_kg.shacl import validate

ROOT = Path(__file__).parents[1]
SH = rdflib.Namespace("http://www.w3.org/ns/shacl#")
PYTHON = os.environ.get("ALTERNATIVES") or sys.executable
VERSION = "import sys; from importlib import metadata; print(metadata.version(sys.argv[1]))"
# Each reads what it needs from the folder and writes N-Triples or Turtle to `out` there.
REASONABLE = """
import sys, reasonable, rdflib
reasoner = reasonable.PyReasoner()
reasoner.load_file(sys.argv[1] + "/asserted.ttl")
graph = rdflib.Graph()
for triple in reasoner.reason():
    graph.add(triple)
graph.serialize(sys.argv[1] + "/out", format="nt", encoding="utf-8")
"""
MAPLIB_RULES = """
import sys, maplib
model = maplib.Model()
model.read(sys.argv[1] + "/asserted.ttl")
model.infer_rdfs()
found = model.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
raise SystemExit("RDFS only: no inverses, chains, transitive properties or disjoint classes")
"""
PYSHACL = """
import sys, rdflib, pyshacl
data, shapes = (rdflib.Graph().parse(f"{sys.argv[1]}/{name}.ttl") for name in ("data", "shapes"))
pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False)[1].serialize(sys.argv[1] + "/out", format="turtle")
"""
RUDOF = """
import sys, pyrudof
rudof = pyrudof.Rudof(pyrudof.RudofConfig())
rudof.read_data(sys.argv[1] + "/data.ttl")
rudof.read_shacl(sys.argv[1] + "/shapes.ttl")
rudof.validate_shacl()
text = rudof.serialize_shacl_validation_results(pyrudof.ResultShaclValidationFormat.Turtle)
open(sys.argv[1] + "/out", "w", encoding="utf-8").write(text)
"""
MAPLIB = """
import sys, maplib
model = maplib.Model()
model.read(sys.argv[1] + "/data.ttl")
model.read(sys.argv[1] + "/shapes.ttl", graph="urn:shapes")
report = model.validate(shape_graph="urn:shapes", report_graph="urn:report")
model.write(sys.argv[1] + "/out", graph="urn:report", format="turtle")
"""
RULES = {"reasonable": REASONABLE, "maplib": MAPLIB_RULES}
SHAPES = {
    "pyshacl": PYSHACL,
    "pyshacl-turbo": PYSHACL.replace("pyshacl", "pyshacl_turbo"),
    "pyrudof": RUDOF,
    "maplib": MAPLIB,
}


def prepare(folder: Path) -> tuple[set[str], float]:
    """Write data, asserted triples and shapes for the others; return what our rules infer, and the seconds of the processor for it."""
    root = paths.find(str(ROOT))
    data = datasets.load(root)
    mappings.add(data, root)
    decisions.resolve(data)
    asserted = [quad.triple for quad in datasets.default_graph(data)]
    begin = time.process_time()
    infer.close(data, root.rules)
    seconds = time.process_time() - begin
    closed = [quad.triple for quad in datasets.default_graph(data)]
    fixtures = sorted((ROOT / "tests" / "shapes").glob("*/invalid-*.ttl"))
    broken = [quad.triple for path in fixtures for quad in datasets.parse(path, path.name)]
    shapes = [quad.triple for quad in validate.move_targets(validate.shapes_graph(root.shapes))]
    for name, triples in {"asserted": asserted, "data": closed + broken, "shapes": shapes}.items():
        ox.serialize(triples, str(folder / f"{name}.ttl"), format=ox.RdfFormat.N_TRIPLES)
    return {str(triple) for triple in set(closed) - set(asserted)}, seconds


def inferred(folder: Path) -> set[str]:
    """Read what a reasoner wrote, without what was asserted and what is trivial."""
    asserted = {quad.triple for quad in ox.parse(path=folder / "asserted.ttl", format=ox.RdfFormat.N_TRIPLES)}
    found = (quad.triple for quad in ox.parse(path=folder / "out", format=ox.RdfFormat.N_TRIPLES, lenient=True))
    return {
        str(triple)
        for triple in found
        if triple not in asserted and not isinstance(triple.subject, ox.Literal) and not infer.is_trivial(triple)
    }


def findings(folder: Path) -> Counter[tuple[str, ...]]:
    """Read the findings of a report: focus node, path, value, severity and constraint."""
    report = rdflib.Graph().parse(folder / "out", format="turtle")
    parts = (SH.focusNode, SH.resultPath, SH.value, SH.resultSeverity, SH.sourceConstraintComponent)

    def name(term: object) -> str:
        return "a blank node" if isinstance(term, rdflib.BNode) else str(term or "")

    return Counter(
        tuple(name(report.value(node, part)) for part in parts)
        for node in report.subjects(rdflib.RDF.type, SH.ValidationResult)
    )


def run(program: str, package: str, folder: Path) -> tuple[timing.Run | None, str]:
    """Run one; return how it went, and its name with its version."""
    version = timing.run((PYTHON, "-c", VERSION, package))
    if version.status:
        return None, f"{package}: not installed (pip install {package})"
    (folder / "out").unlink(missing_ok=True)
    return timing.run((PYTHON, "-c", program, folder)), f"{package} {version.output.decode().strip()}"


def compared(ours: Counter[tuple[str, ...]] | set[str], theirs: Counter[tuple[str, ...]] | set[str]) -> str:
    """Say in what two results differ."""
    if ours == theirs:
        return "the same"
    missing, more = Counter(ours) - Counter(theirs), Counter(theirs) - Counter(ours)
    example = "; ".join(" ".join(one) if isinstance(one, tuple) else one for one in sorted(missing or more)[:1])
    short = (
        example.replace("https://w3id.org/oewg-kg/", "")
        .replace("http://www.w3.org/ns/shacl#", "sh:")
        .replace("|", "\\|")
    )
    return f"{sum(missing.values())} missing, {sum(more.values())} too many; for example {short[:150]}"


def told(name: str, done: timing.Run | None, folder: Path, compare: object) -> tuple[str, str, str, str]:
    """Write one row of a table."""
    if done is None:
        return name, "", "", ""
    if done.status or not (folder / "out").exists():
        lines = done.errors.decode(errors="replace").strip().splitlines() or ["nothing written"]
        return name, f"{done.processor:.1f}", f"{done.peak:.0f}", lines[-1][:160].replace("|", "\\|")
    return name, f"{done.processor:.1f}", f"{done.peak:.0f}", compare()  # type: ignore[operator]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=1, help="accepted, since all scripts take it; each is run once")
    parser.parse_args()
    print(timing.machine())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ours, seconds = prepare(folder)
        rows = [("our rules, on the store in this process", f"{seconds:.1f}", "", f"{len(ours)} triples inferred")]
        for package, program in RULES.items():
            done, title = run(program, package, folder)
            rows.append(told(title, done, folder, lambda: compared(ours, inferred(folder))))
        print("OWL 2 RL on the asserted triples; complete processes, seconds of processor time.\n")
        print(timing.table(["reasoner", "s", "peak, MiB", "compared with our rules"], rows))
        rows, wanted = [], Counter[tuple[str, ...]]()
        for package, program in SHAPES.items():
            done, title = run(program, package, folder)
            if package == "pyshacl" and done is not None and not done.status:
                wanted = findings(folder)
                count = f"{wanted.total()} findings, the reference"
                rows.append(told(title, done, folder, lambda count=count: count))
            else:
                rows.append(told(title, done, folder, lambda wanted=wanted: compared(wanted, findings(folder))))
        print(
            "SHACL on the resolved view together with all invalid fixtures; complete processes, seconds of processor time.\n"
        )
        print(timing.table(["validator", "s", "peak, MiB", "compared with pyshacl"], rows))


if __name__ == "__main__":
    main()
