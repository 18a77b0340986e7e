"""Receipts: what is true is found true, what was changed is found out, and an answer without rows says where was looked."""

import copy
import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from oewg_kg import query
from oewg_kg.answers import receipts
from oewg_kg.cli import main
from oewg_kg.knowledge_graph import KnowledgeGraph

ZIMBABWE = "https://w3id.org/oewg-kg/state/ZWE"
LINE = "https://w3id.org/oewg-kg/source/oewg-2019-2021#L"


def made(kg: KnowledgeGraph, name: str, **values: str) -> dict[str, Any]:
    saved = query.find(kg.root.queries, name)
    return receipts.make(kg.root, kg.dataset, saved, query.bind(kg.dataset, saved, values))


def sealed(receipt: dict[str, Any]) -> dict[str, Any]:
    return receipt | {"digest": receipts.digest(receipt)}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths to all texts and numbers of a receipt."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [leaf for key, one in inside for leaf in leaves(one, (*path, key))] or [path]


def tampered(receipt: dict[str, Any], path: tuple[Any, ...], chance: random.Random) -> dict[str, Any]:
    """Change one text or number, or take it away."""
    other = copy.deepcopy(receipt)
    place: Any = other
    for key in path[:-1]:
        place = place[key]
    if chance.random() < 0.2 and len(path) > 1:
        del place[path[-1]]
    else:
        place[path[-1]] = f"{place[path[-1]]} " if chance.random() < 0.5 else "x"
    return other


def test_receipts_are_true_and_with_any_part_changed_are_not(mini_kg: KnowledgeGraph) -> None:
    """Each text and number of two receipts, with rows and without, is changed or taken away, and one in two is sealed again.

    That does not help the forger: this release answers otherwise.
    """
    chance, changed = random.Random(19), set()
    for since in ("2018-01-01", "2020-09-01"):
        receipt = json.loads(json.dumps(made(mini_kg, "contributions-on", since=since)))
        assert receipts.verify(mini_kg.root, mini_kg.dataset, receipt).state == "true", since
        for number, path in enumerate(leaves(receipt) * 3):
            other = tampered(receipt, path, chance)
            if number % 2 and path[0] not in receipts.UNCOMPARED:
                other = sealed(other)
            changed.add(path)
            assert receipts.verify(mini_kg.root, mini_kg.dataset, other).state == "tampered", (since, path)
    assert len(changed) > 20


def test_a_receipt_of_another_release_names_the_rows_and_lines_that_changed(kg: KnowledgeGraph) -> None:
    """Zimbabwe is on lines 71 and 173 of the page."""
    receipt = made(kg, "states-on-both-drafts")
    release = {"version": "0.0.9", "date": "2026-01-01", "sources": "0" * 64}
    same = sealed(receipt | {"release": release})
    verdict = receipts.verify(kg.root, kg.dataset, same)
    assert (verdict.state, len(verdict.reasons)) == ("true", 2) and "0.0.9" in verdict.reasons[1]
    rows = [row for row in receipt["rows"] if f"<{ZIMBABWE}>" not in row["values"]]
    assert len(rows) == len(receipt["rows"]) - 1
    verdict = receipts.verify(kg.root, kg.dataset, sealed(receipt | {"release": release, "rows": rows}))
    assert verdict.state == "changed"
    assert verdict.reasons[1:] == ('added: state:ZWE | "Zimbabwe"@en [oewg-2019-2021 71, 173]',)
    gone = [*receipt["rows"], {"values": ["<https://w3id.org/oewg-kg/state/KEN>"], "lines": [f"{LINE}53"]}]
    verdict = receipts.verify(kg.root, kg.dataset, sealed(receipt | {"release": release, "rows": gone}))
    assert verdict.reasons[1:] == ("removed: state:KEN [oewg-2019-2021 53]",)


def test_an_answer_without_rows_says_which_lists_there_are_and_what_they_cover(kg: KnowledgeGraph) -> None:
    """Line 129 heads 48 entries, 178 two, 181 seventeen, one of which has two texts."""
    receipt = made(kg, "actors-on-draft", kind="kind:amendments", draft="document:oewg1-pre-draft")
    assert receipt["rows"] == [] and receipt["reason"]
    looked = {(row["values"][1], row["values"][3]): (row["values"][4], row["lines"]) for row in receipt["looked in"]}
    for line, name, covered, entries in (
        (129, "Comments by Member States on the initial pre-draft", "Member State", 48),
        (178, "Comments by inter-governmental organizations on the pre-draft", "inter-governmental organization", 2),
        (181, "Comments by non-governmental organizations on the pre-draft", "non-governmental organization", 18),
    ):
        number = f'"{entries}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        for about in (covered, "Initial pre-draft of the OEWG report"):
            assert looked[f'"{name}"@en', f'"{about}"@en'] == (number, [f"{LINE}{line}"])
    assert receipts.verify(kg.root, kg.dataset, receipt).state == "true"
    fewer = sealed(receipt | {"looked in": receipt["looked in"][1:]})
    assert receipts.verify(kg.root, kg.dataset, fewer).state == "tampered"


def test_absence_from_a_draft_is_certified_with_the_lists_searched(tmp_path: Path) -> None:
    """Kenya is not under the headings of lines 129, 178 and 181; it is on line 53, under the Zero Draft."""
    file = tmp_path / "kenya.json"
    told = CliRunner().invoke(
        main, ["why", "Kenya", "--on", "document:oewg1-pre-draft", "--receipt", str(file), "-f", "md"]
    )
    lines = re.findall(r"\| not listed \| \d \| oewg-2019-2021 (\d+) \|", told.stdout)
    assert lines == ["129", "178", "181"] and "| listed |" not in told.stdout
    checked = CliRunner().invoke(main, ["verify", str(file)])
    assert (checked.exit_code, checked.stdout) == (0, "true: 3 rows, as the receipt says\n")
    told = CliRunner().invoke(main, ["why", "Kenya", "--on", "Zero Draft", "-f", "md"])
    assert "| listed | 2 | oewg-2019-2021 28, 53 |" in told.stdout


def test_verify_says_in_one_line_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    asked = CliRunner().invoke(main, ["ask", "deadlines", "--receipt", str(file)])
    assert asked.exit_code == 0
    good = file.read_text(encoding="utf-8")
    twice = good.replace('"question"', '"question": "chairs",\n "question"', 1)
    for text, code in (
        (good, 0),
        (good.replace("2020-04-03", "2020-04-04"), 1),
        (twice, 3),
        ("{}", 3),
        ("[1]", 3),
        ("{", 3),
    ):
        file.write_text(text, encoding="utf-8")
        done = CliRunner().invoke(main, ["verify", str(file)])
        assert (done.exit_code, (done.stdout + done.stderr).count("\n")) == (code, 1), text[:60]
    assert CliRunner().invoke(main, ["verify", str(tmp_path / "none.json")]).exit_code == 5


@pytest.mark.parametrize("options", [["--with", "votes"], ["--endpoint", "http://127.0.0.1:1/"], ["--allow-network"]])
def test_only_answers_from_this_dataset_alone_have_receipts(options: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["ask", "deadlines", "--receipt", str(tmp_path / "r.json"), *options])
    assert done.exit_code == 2 and not list(tmp_path.iterdir())


def test_python_writes_the_receipt_that_the_command_writes(kg: KnowledgeGraph, tmp_path: Path) -> None:
    file = tmp_path / "receipt.json"
    CliRunner().invoke(main, ["ask", "deadlines", "--receipt", str(file)])
    assert kg.ask("deadlines").receipt() == file.read_text(encoding="utf-8")


def test_the_digest_is_that_of_canonical_json() -> None:
    """RFC 8785: names in order, no spaces, only what must be escaped is, and in its shortest form."""
    import hashlib

    receipt = {"b": ['\u20ac$\u000f\nA\'B"\\\\"/'], "a": {"z": 10, "y": ""}, "digest": "left out"}
    text = '{"a":{"y":"","z":10},"b":["\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"]}'
    assert receipts.digest(receipt) == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
