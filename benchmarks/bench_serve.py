"""How many requests a second `oewg serve` answers, and how late the slowest, beside other SPARQL servers over the same quads.

Not for one question from a cold process (`bench_ask.py`). wrk asks over eight connections kept open; each server runs alone, as
it is installed. A server that refuses a query of the mix, or needs more than ten seconds for it, gets no figure, and its reason is shown.
"""

import argparse
import contextlib
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import programs
import servers
import timing
from servers import Running

ROOT = Path(__file__).parents[1]
CONNECTIONS, PATIENCE = 8, 10.0
WARMING = 5  # seconds that each server is asked before it is measured: ours starts with the store on disk and then reads it into memory
LONGEST = 7 << 10  # bytes of a query in an address: a head of 8 KiB is the most that Oxigraph's server reads
PREFIXES = """PREFIX oewg: <https://w3id.org/oewg-kg/ontology#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX state: <https://w3id.org/oewg-kg/state/>
"""
STATES = [
    "ARM",
    "AUS",
    "AUT",
    "BRA",
    "CAN",
    "CHE",
    "CHN",
    "CUB",
    "DEU",
    "ECU",
    "EGY",
    "EST",
    "FRA",
    "GBR",
    "IDN",
    "IND",
    "IRN",
    "ISR",
    "JPN",
    "KEN",
    "MEX",
    "NLD",
    "PAK",
    "RUS",
    "USA",
    "ZAF",
]
ADHOC = (
    "SELECT ?p ?o WHERE {{ state:{0} ?p ?o }} ORDER BY ?p ?o",
    "SELECT ?contribution ?kind WHERE {{ ?contribution oewg:submittedBy state:{0} ; oewg:kind ?kind }} ORDER BY ?contribution",
    "SELECT ?line ?name WHERE {{ GRAPH ?line {{ state:{0} oewg:nameInSource ?name }} }} ORDER BY ?line",
    "SELECT ?text (COUNT(*) AS ?n) WHERE {{ ?c oewg:submittedBy state:{0} ; oewg:addresses ?text }} GROUP BY ?text ORDER BY ?text",
    'SELECT ?label WHERE {{ state:{0} skos:prefLabel ?label FILTER (LANG(?label) = "fr") }}',
    "SELECT ?other WHERE {{ ?event oewg:coHostedBy state:{0} , ?other FILTER (?other != state:{0}) }} ORDER BY ?other",
)


@dataclass(frozen=True)
class Load:
    """What wrk saw: requests a second, the 99th percentile in ms, answers that are no 2xx and connections that failed."""

    rate: float
    slow: float
    wrong: int


def adhoc() -> list[str]:
    """Write short queries about one thing each, as people and programs send them."""
    return [PREFIXES + query.format(state) for state in STATES for query in ADHOC]


def saved() -> list[str]:
    """Read the saved questions, their parameters at their defaults, those left out that are too long for a GET to Oxigraph's server."""
    questions = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "queries").glob("*.rq"))]
    return [text for text in questions if len(urllib.parse.quote(text)) < LONGEST]


def mixes() -> dict[str, tuple[list[str], bool]]:
    """Say what is asked: a name, the queries, and whether each request is made new by a comment."""
    short = adhoc()
    both = saved() + short[:: max(1, len(short) // 113)]
    return {
        "saved questions and short queries, repeated": (both, False),
        "the same, each request new": (both, True),
        "short queries, repeated": (short, False),
        "short queries, each request new": (short, True),
    }


def address(server: Running, query: str) -> str:
    """Write the path of a request; the query is its end, so that a comment can be put after it."""
    path = urllib.parse.urlsplit(server.url).path
    return f"{path}?{urllib.parse.urlencode(server.form(query), quote_via=urllib.parse.quote)}"


def once(server: Running, queries: list[str]) -> list[int]:
    """Ask each query once and return the numbers of rows; raises OSError with the reason."""
    counts = []
    host = server.url.partition("//")[2].partition("/")[0]
    for query in queries:
        request = urllib.request.Request(
            f"http://{host}{address(server, query)}", headers={"Accept": "application/sparql-results+json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                counts.append(len(json.load(answer)["results"]["bindings"]))
        except urllib.error.HTTPError as error:
            raise OSError(f"answers {error.code} to a query") from error
        except TimeoutError as error:
            raise OSError(f"a query takes more than {PATIENCE:.0f} s") from error
    return counts


def load(server: Running, queries: list[str], fresh: str, seconds: int) -> Load:
    """Ask with wrk for some seconds; `fresh` is put into the comment that makes each request new, or is empty."""
    wrk = programs.found("wrk")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("".join(address(server, query) + "\n" for query in queries))
        file.flush()
        command = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s"]
        command += [str(Path(__file__).with_name("load.lua")), server.url, "--", file.name]
        environment = os.environ | ({"FRESH": fresh} if fresh else {})
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    found = re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", done.stdout)
    if not found:
        sys.exit(f"wrk: {done.stdout}{done.stderr}")
    requests, duration, slow, status, broken = map(int, found.groups())
    return Load(requests / duration * 1e6, slow / 1000, status + broken)


def kinds(data: Path, at: list[str]) -> dict[str, Callable[[Path], contextlib.AbstractContextManager[Running]]]:
    """List the servers, and those that already run, named on the command line as NAME=URL."""
    found: dict[str, Callable[[Path], contextlib.AbstractContextManager[Running]]] = {
        "oewg serve": lambda folder: servers.oewg(ROOT),
        "Oxigraph's server": lambda folder: servers.oxigraph(data, folder),
        "Virtuoso": lambda folder: servers.virtuoso(data, folder),
        "rdflib-endpoint": lambda folder: servers.rdflib_endpoint(data, folder),
    }
    for one in at:
        name, _, url = one.partition("=")
        found[name] = lambda folder, name=name, url=url: contextlib.nullcontext(Running(name, url, 0))  # type: ignore[misc]
    return found


def cold(start: Callable[[], contextlib.AbstractContextManager[Running]], rounds: int) -> list[float]:
    """Take the seconds from the start of a process to its first answer to a query."""
    taken = []
    for _ in range(rounds):
        begin = time.perf_counter()
        with start() as server:
            once(server, ["SELECT ?s WHERE { ?s a <https://w3id.org/oewg-kg/ontology#Process> }"])
            taken.append(time.perf_counter() - begin)
    return taken


def weight(server: Running, path: str) -> tuple[int, int, int]:
    """Count the bytes that a page needs: itself, itself as it goes over the wire to a browser, and so the files that it loads."""

    def size(address: str) -> tuple[int, bytes]:
        request = urllib.request.Request(address, headers={"Accept": "text/html", "Accept-Encoding": "gzip"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            body = answer.read()
            return len(body), gzip.decompress(body) if answer.headers["Content-Encoding"] == "gzip" else body

    page = urllib.parse.urljoin(server.url.removesuffix("sparql"), path)
    own, content = size(page)
    tags = re.findall(r"<(?:link|script|img)\b[^>]*>", content.decode())
    loaded = {
        found[1]
        for tag in tags
        if (found := re.search(r'(?:href|src)="([^"]+)"', tag))
        and re.search(r'<script|<img|rel="(?:stylesheet|icon)"', tag)
    }
    return len(content), own, sum(size(urllib.parse.urljoin(page, part))[0] for part in sorted(loaded))


def measure(data: Path, at: list[str], rounds: int, seconds: int) -> Iterator[tuple[str, str, list[Load] | str]]:
    """Start each server, ask each mix once for the rows and then under load; give mix, server, and loads or a reason."""
    expected: dict[str, list[int]] = {}
    for number, (name, start) in enumerate(kinds(data, at).items()):
        loads: dict[str, list[Load] | str] = {mix: [] for mix in mixes()}
        label = name
        for turn in range(rounds):
            for mix, (queries, fresh) in mixes().items():
                so_far = loads[mix]
                if isinstance(so_far, str):
                    continue
                folder = Path(tempfile.mkdtemp())
                try:
                    with start(folder) as server:
                        label = server.name
                        counts = once(server, queries)
                        if counts != expected.setdefault(mix, counts):
                            raise OSError("other numbers of rows than `oewg serve`")
                        load(server, queries, f"{number}-{turn}-w" if fresh else "", WARMING)
                        so_far.append(load(server, queries, f"{number}-{turn}-" if fresh else "", seconds))
                except (OSError, programs.Missing) as error:
                    loads[mix] = str(error)
                finally:
                    shutil.rmtree(folder, ignore_errors=True)
        for mix, of_mix in loads.items():
            yield mix, label, of_mix


def tables(found: list[tuple[str, str, list[Load] | str]]) -> Iterator[str]:
    """Write one table for each mix: requests a second, times those of Oxigraph's server, 99th percentile, failures."""
    for mix, (queries, _) in mixes().items():
        of_mix = {server: loads for name, server, loads in found if name == mix}
        rates = {
            server: statistics.median(one.rate for one in loads)
            for server, loads in of_mix.items()
            if not isinstance(loads, str)
        }
        base = next((rate for server, rate in rates.items() if server.startswith("Oxigraph")), None)
        cells = []
        for server, loads in of_mix.items():
            if isinstance(loads, str):
                cells.append((server, "", "", "", loads))
                continue
            slow = statistics.median(one.slow for one in loads)
            times = f"{rates[server] / base:.2f}" if base else ""
            wrong = sum(one.wrong for one in loads)
            cells.append((server, f"{rates[server]:.0f}", times, f"{slow:.1f}", f"{wrong} failed" if wrong else ""))
        yield f"**{mix[0].upper()}{mix[1:]}** ({len(queries)} queries)\n"
        yield timing.table(
            ["server", "requests per second", "times Oxigraph's server", "99th percentile, ms", ""], cells
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (3)")
    parser.add_argument("--seconds", type=int, default=10, help="how long each is asked (10)")
    parser.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="NAME=URL",
        help="an endpoint with the same quads that runs already",
    )
    given = parser.parse_args()
    print(timing.machine())
    try:
        programs.found("wrk")
    except programs.Missing as missing:
        print(f"{missing}; nothing is timed")
        return
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        data = place / "dataset.nq"
        done = timing.run((timing.oewg(), "--root", ROOT, "export", "-f", "nquads", "-o", data))
        if done.status:
            sys.exit(done.errors.decode())
        print(
            f"{timing.count_quads(data)} quads; {CONNECTIONS} connections, "
            f"{given.seconds} s each after {WARMING} s of the same, median of {given.rounds}."
        )
        print("Jena Fuseki has no Debian, PyPI or npm package; add a running one with `--at Fuseki=URL`.\n")
        found = list(measure(data, given.at, given.rounds, given.seconds))
        for part in tables(found):
            print(part)
        starts = [("`oewg serve`, including its workers", lambda: servers.oewg(ROOT))]
        try:
            with servers.oxigraph(data, place):
                pass
            starts.append(("Oxigraph's server, store already loaded", lambda: servers.oxigraph_again(place)))
        except programs.Missing as missing:
            print(f"{missing}\n")
        rows = [
            (name, timing.spread([1000 * s for s in cold(start, given.rounds + 2)], "{:.0f}".format))
            for name, start in starts
        ]
        print(timing.table(["from process start to the first answer", "ms"], rows))
        with servers.oewg(ROOT) as server:
            pages = [
                "",
                "questions",
                "questions/states-on-both-drafts",
                "matrix",
                "state/EST",
                "sources",
                "conflicts",
                "map",
                "timeline/process/ict-oewg-2021-2025",
                "sparql",
            ]
            weights = [(f"`/{path}`", *(f"{size / 1000:.1f}" for size in weight(server, path))) for path in pages]
        print(timing.table(["page", "kB", "kB, compressed", "kB of the files it loads, compressed"], weights))


if __name__ == "__main__":
    main()
