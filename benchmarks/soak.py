"""A soak of `oewg serve` on loopback: good and hostile clients at once, for as long as wanted, and what became of the good ones.

`python benchmarks/soak.py --minutes 10`. It ends with 1 when a good request was lost or answered wrongly.
"""

import argparse
import contextlib
import http.client
import itertools
import json
import multiprocessing
import multiprocessing.synchronize
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import servers
import timing

HERE = Path(__file__).parents[1]
JSON, PAGE = "application/sparql-results+json", "text/html"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
BROKEN = (OSError, http.client.HTTPException)
numbers = itertools.count()


def fresh(query: str) -> str:
    """Make a query that was never asked before, so that no answer is kept for it."""
    return f"{query} # {next(numbers)}"


def by_get(query: str, accept: str = JSON) -> tuple[str, str, dict[str, str], str | None]:
    return "GET", "/sparql?" + urlencode({"query": query}), {"Accept": accept}, None


def by_post(query: str) -> tuple[str, str, dict[str, str], str | None]:
    return "POST", "/sparql", {"Accept": JSON, "Content-Type": "application/sparql-query"}, query


def page(path: str, accept: str = PAGE) -> tuple[str, str, dict[str, str], str | None]:
    return "GET", path, {"Accept": accept}, None


# What is asked, and a piece of the right answer.
GOOD: list[tuple[Callable[[], tuple[str, str, dict[str, str], str | None]], bytes]] = [
    (lambda: by_get(fresh("SELECT ?s { ?s skos:notation 'EST' }")), b"oewg-kg/state/EST"),
    (lambda: by_post(fresh("ASK { state:EST a oewg:State }")), b'"boolean":true'),
    (lambda: by_get(fresh("SELECT (COUNT(*) AS ?n) { ?s a oewg:Process }")), b'"value":"8"'),
    (
        lambda: by_get(fresh("SELECT ?line { GRAPH ?line { ?s oewg:submittedBy state:EST } }"), "text/csv"),
        b"source/oewg-2019-2021#L",
    ),
    (lambda: by_get(fresh("DESCRIBE state:EST"), "text/turtle"), b"Estonia"),
    (lambda: by_get("SELECT ?s { ?s a oewg:Process } ORDER BY ?s"), b"process/ict-oewg-2019-2021"),
    (lambda: page("/questions/states-on-both-drafts.csv"), b"Armenia"),
    (lambda: page("/questions/states-on-both-drafts"), b"31 rows"),
    (lambda: page(f"/search?q=Estonia&n={next(numbers)}"), b"Estonia"),
    (lambda: page("/state/EST"), b"Estonia"),
    (lambda: page("/state/EST", "text/turtle"), b"skos:notation"),
    (lambda: page("/"), b"<html"),
    (lambda: page("/sparql", "text/turtle"), b"sparql-service-description#Service"),
]
BATCH = urlencode({"queries": json.dumps({f"q{at}": {"query": f"Nowhere {at} " + "x" * 1000} for at in range(50)})})
HOSTILE = {
    "cross product": lambda: by_get(fresh(f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}")),
    "sorted": lambda: by_post(fresh(f"SELECT * {{ {CROSS} }} ORDER BY ?c ?f")),
    "memory": lambda: by_post(
        fresh(
            "SELECT ?x40 { BIND ('aaaaaaaa' AS ?x0) "
            + "".join(f"BIND (CONCAT(?x{at}, ?x{at}) AS ?x{at + 1}) " for at in range(40))
            + "}"
        )
    ),
    "everything": lambda: by_get(fresh("SELECT * { ?s ?p ?o }"), random.choice([JSON, PAGE, "text/csv"])),
    "SERVICE": lambda: by_get(fresh("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")),
    "nesting": lambda: by_post(fresh("SELECT * { " + "{" * 5000 + "}" * 5000 + " }")),
    "words": lambda: by_post(fresh("ASK { ?s ?p 0" + ", 1" * 2900 + " }")),
    "nonsense": lambda: by_get(fresh("<script>")),
    "update": lambda: by_post(fresh("DELETE WHERE { ?s ?p ?o }")),
    "large body": lambda: by_post("ASK {} #" + "a" * (3 << 20)),
    "parameters": lambda: page("/sparql?query=ASK%7B%7D" + "&a=" * 10_000),
    "PUT": lambda: ("PUT", "/rdf-graph-store?default", {"Content-Type": "text/turtle"}, ""),
    "climbing": lambda: page("/static/..%2f..%2f..%2fetc%2fpasswd"),
    "host": lambda: ("GET", "/", {"Host": "evil.example"}, None),
    "document made anew": lambda: page(f"/openapi.json?x={next(numbers)}"),
    "batch of names": lambda: ("POST", "/reconcile", {"Content-Type": "application/x-www-form-urlencoded"}, BATCH),
    "consequences": lambda: page("/conflicts?changes=1"),
    "VALUES": lambda: by_post(fresh("SELECT * { " + "VALUES " * 40_000)),
}


def say(port: int, method: str, target: str, headers: dict[str, str], body: str | None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class Good:
    """The clients that ask well, and what they saw."""

    def __init__(self, port: int) -> None:
        self.port, self.end = port, threading.Event()
        self.answers: Counter[str] = Counter()
        self.times: list[tuple[str, float]] = []

    def ask(self, seed: int) -> None:
        chosen = random.Random(seed)
        while not self.end.wait(chosen.uniform(0.0, 0.1)):
            make, expected = chosen.choice(GOOD)
            method, target, headers, body = make()
            begun = time.perf_counter()
            try:
                status, content = say(self.port, method, target, headers, body)
                right = status == 200 and expected in content
                self.answers["right" if right else f"{status} {target[:60]} {content[:80]!r}"] += 1
            except BROKEN as error:
                self.answers[f"{type(error).__name__} {target[:60]}"] += 1
            name = "query" if "query=" in target or body else target.partition("&")[0]
            self.times.append((name, time.perf_counter() - begun))


class Hostile:
    """The clients that attack, and what they were told.

    They have a process of their own: what they do with megabytes of answers is not to slow down the clock of the good ones.
    """

    def __init__(self, port: int, end: multiprocessing.synchronize.Event) -> None:
        self.port, self.end = port, end
        self.answers: Counter[tuple[str, str]] = Counter()

    def attack(self, seed: int) -> None:
        chosen = random.Random(seed)
        while not self.end.wait(chosen.uniform(0.0, 0.2)):
            kind = chosen.choice(list(HOSTILE))
            try:
                self.answers[kind, str(say(self.port, *HOSTILE[kind]())[0])] += 1
            except BROKEN as error:
                self.answers[kind, type(error).__name__] += 1

    def dawdle(self, seed: int) -> None:
        """Open a connection, send half a request, or a whole one that takes long, and go away."""
        chosen = random.Random(seed)
        long = urlencode({"query": f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"})
        parts = ["", "GET / HT", "POST /sparql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nA"]
        parts.append(f"GET /sparql?{long} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # An answer of megabytes that is not read, and a request inside another's body.
        everything = urlencode({"query": "SELECT * { ?s ?p ?o }"})
        parts.append(f"GET /sparql?{everything} HTTP/1.1\r\nHost: localhost\r\n\r\n")
        parts.append(
            "GET /cite HTTP/1.1\r\nHost: localhost\nContent-Length: 50\r\n\r\nGET /no HTTP/1.1\r\nHost: localhost\r\n\r\n"
        )
        while not self.end.wait(chosen.uniform(0.0, 1.0)):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as channel:
                channel.sendall(chosen.choice(parts).encode())
                self.end.wait(chosen.uniform(0.0, 3.0))
            self.answers["goes away", ""] += 1


def together(roles: list[tuple[Callable[[int], None], int]]) -> list[threading.Thread]:
    """Start a thread for each client; a seed each."""
    threads = [threading.Thread(target=role, args=(at,)) for role, count in roles for at in range(count)]
    for thread in threads:
        thread.start()
    return threads


def attack(
    port: int,
    given: argparse.Namespace,
    end: multiprocessing.synchronize.Event,
    told: "multiprocessing.Queue[Counter[tuple[str, str]]]",
) -> None:
    """Attack until the end, and report."""
    run = Hostile(port, end)
    for thread in together([(run.attack, given.hostile), (run.dawdle, given.dawdling)]):
        thread.join()
    told.put(run.answers)


def family(top: int) -> Iterator[int]:
    """List a process and all below it."""
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
    found = [top]
    for pid in found:
        yield pid
        found += [child for child, parent in parents.items() if parent == pid]


def memory(top: int) -> tuple[float, float, int]:
    """Measure MiB of the server, MiB of its workers and their loader (memory shared with others in part only), and their number."""
    sizes = {}
    for pid in family(top):
        with contextlib.suppress(OSError):
            told = Path(f"/proc/{pid}/smaps_rollup").read_text()
            sizes[pid] = int(next(line for line in told.splitlines() if line.startswith("Pss:")).split()[1]) / 1024
    return sizes.pop(top, 0.0), sum(sizes.values()), len(sizes)


def percentile(times: list[float], part: float) -> str:
    return f"{sorted(times)[min(int(len(times) * part), len(times) - 1)] * 1000:.0f}" if times else "-"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--good", type=int, default=8, help="clients that ask well")
    parser.add_argument("--hostile", type=int, default=6, help="clients that attack")
    parser.add_argument("--dawdling", type=int, default=4, help="clients that begin and go away")
    parser.add_argument("--seconds", type=float, default=5.0, help="the server's limit of a query")
    given = parser.parse_args()
    port = servers.free_port()
    command = (timing.oewg(), "--root", HERE, "serve", "--port", port, "--seconds", given.seconds)
    with servers.started(command, f"http://127.0.0.1:{port}/cite") as process:
        return soak(process, port, given)


def soak(process: subprocess.Popen[bytes], port: int, given: argparse.Namespace) -> int:
    run, end = Good(port), multiprocessing.Event()
    told: multiprocessing.Queue[Counter[tuple[str, str]]] = multiprocessing.Queue()
    attackers = multiprocessing.Process(target=attack, args=(port, given, end, told))
    attackers.start()
    threads = together([(run.ask, given.good)])
    begun, due = time.monotonic(), time.monotonic() + given.minutes * 60
    print(f"{given.good} clients ask well, {given.hostile} attack, {given.dawdling} begin and go away.\n")
    print(
        "| minute | good | lost | p50, ms | p95, ms | p99, ms | longest, ms | server, MiB | workers, MiB | processes |"
    )
    print("| --- " * 10 + "|")
    seen, lost = 0, 0
    while (now := time.monotonic()) < due and process.poll() is None:
        time.sleep(max(0.0, min(due - now, max(given.minutes * 6, 10))))
        times, seen = [taken for _, taken in run.times[seen:]], len(run.times)
        total = sum(run.answers.values())
        lost, before = total - run.answers["right"], lost
        server, workers, count = memory(process.pid)
        row = [f"{(time.monotonic() - begun) / 60:.1f}", str(len(times)), str(lost - before)]
        row += [percentile(times, part) for part in (0.5, 0.95, 0.99, 1.0)]
        print("| " + " | ".join([*row, f"{server:.0f}", f"{workers:.0f}", str(count)]) + " |", flush=True)
    run.end.set()
    end.set()
    for thread in threads:
        thread.join()
    hostile = told.get()
    attackers.join()
    alive = process.poll() is None
    right = run.answers.pop("right", 0)
    print(
        f"\n{right} good requests answered rightly, {sum(run.answers.values())} lost; the server {'lives' if alive else 'is dead'}."
    )
    for kind, count in run.answers.most_common(20):
        print(f"- lost: {count} x {kind}")
    print("\n| good request | times | p50, ms | p99, ms |\n| --- | --- | --- | --- |")
    for name in sorted({name for name, _ in run.times}):
        times = [taken for named, taken in run.times if named == name]
        print(f"| {name} | {len(times)} | {percentile(times, 0.5)} | {percentile(times, 0.99)} |")
    print("\n| attack | told | times |\n| --- | --- | --- |")
    for (kind, told), count in sorted(hostile.items()):
        print(f"| {kind} | {told} | {count} |")
    return int(bool(run.answers) or not alive)


if __name__ == "__main__":
    sys.exit(main())
