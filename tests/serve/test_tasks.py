"""Eight tasks that a diplomat comes with, done on the site in a real Chromium in at most three steps, with and without JavaScript."""

import contextlib
import csv
import re
from pathlib import Path
from typing import Any

import pytest

from browser import Visit
from served import until

pytestmark = pytest.mark.slow

# Each task: the steps (a link or button by its name, `type:` into the search of the page) and what then stands on the page.
# The values are those of questions.md, read from the pages; the votes are those of the record of the United Nations.
TASKS: dict[str, tuple[list[str], list[str]]] = {
    "which states contributed to both drafts, and with what": (
        ["Which states contributed to both the initial pre-draft and the Zero Draft?"],
        ["31 rows", "Armenia", "Zimbabwe", "ZD amendments", "oewg-2019-2021 33, 131"],
    ),
    "those of one regional group": (
        [
            "Which states contributed to both the initial pre-draft and the Zero Draft?",
            "Eastern European Group (4 rows)",
        ],
        ["4 of 31 rows", "Armenia", "Czechia (Czech Republic)", "Estonia", "Russian Federation"],
    ),
    "what Estonia did and how it voted": (
        ["type:Estonia", "Estonia"],
        [
            "In what ways did Estonia take part in the negotiations?",
            "ZD statement",
            "How did Estonia vote on each resolution?",
            "A/RES/78/237",
            "A/RES/75/240",
        ],
    ),
    "the totals of the vote on resolution 75/240": (["Votes"], ["92\t50\t21\t30"]),
    "which stakeholders commented on the Zero Draft": (
        [
            "Stakeholders",
            "Which stakeholders contributed to which draft?",
            "Zero Draft of the OEWG substantive report (12 rows)",
        ],
        ["Kaspersky", "Oxford Institute for Ethics, Law and Armed Conflict", "12 of "],
    ),
    "which session was moved, and from when": (
        ["Timeline", "Show as a table"],
        ["held, moved from 2020-07-06", "2021-03-08", "2021-03-12"],
    ),
    "when each page says that resolution 75/240 was adopted": (
        ["Votes", "Resolution A/RES/75/240"],
        ["2020-12-31", "2020-11-01", "2020-12-01", "Where the pages disagree about it"],
    ),
    "the line that proves a fact": (
        ["Which states contributed to both the initial pre-draft and the Zero Draft?", "33"],
        ["Lines 1 to 40", "Armenia"],
    ),
}


def step(page: Any, what: str) -> None:
    """Do one step: ask the search of the page, or follow a link or open a fold by its name."""
    if what.startswith("type:"):
        page.fill("header input[type=search]", what.removeprefix("type:"))
        page.press("header input[type=search]", "Enter")
        page.wait_for_url("**/search?q=*")
        return
    name = re.compile("^" + re.escape(what))
    link = page.get_by_role("link", name=what, exact=True).or_(page.locator("summary").filter(has_text=name))
    link.first.click()
    page.wait_for_load_state()


def test_there_are_eight_tasks_of_at_most_three_steps() -> None:
    assert len(TASKS) == 8
    assert max(len(steps) for steps, _ in TASKS.values()) <= 3


@pytest.mark.parametrize("script", [True, False], ids=["script", "plain"])
@pytest.mark.parametrize("task", TASKS)
def test_a_task_ends(visit: Visit, task: str, script: bool) -> None:
    page = visit("/", java_script_enabled=script)
    steps, expected = TASKS[task]
    for one in steps:
        step(page, one)
    shown: list[str] = []

    def there() -> bool:
        shown.append(page.inner_text("main"))
        return all(words in shown[-1] for words in expected)

    with contextlib.suppress(AssertionError):
        until(there, "")
    assert not [words for words in expected if words not in shown[-1]], shown[-1][:3000]


def test_a_table_is_sorted_and_filtered_in_place(visit: Visit) -> None:
    """The script does at once what the links do; both give the same rows."""
    rows = "[...document.querySelectorAll('.sortable tbody tr')].filter(r => !r.hidden).map(r => r.cells[0].innerText)"
    page = visit("/questions/states-on-both-drafts")
    page.get_by_role("link", name="actor").click()
    page.get_by_role("link", name="actor ▲").click()
    here, address = page.evaluate(rows), page.url
    there = visit("/questions/states-on-both-drafts?sort=-actor", java_script_enabled=False).evaluate(rows)
    assert "sort=" not in address and here == there and here[0] == "Zimbabwe" and len(here) == 31
    page.fill("#match", "ZD amend")
    # Iran and the Russian Federation among them: 001:47 and 001:62
    assert {"Iran (Islamic Republic of)", "Russian Federation"} <= set(page.evaluate(rows))
    assert page.inner_text(".status") == f"{len(page.evaluate(rows))} of 31 rows"


def test_what_is_shown_is_taken_home(visit: Visit) -> None:
    page = visit("/questions/states-on-both-drafts?only=region:Eastern+European+Group")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV", exact=True).first.click()
    with Path(taken.value.path()).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["actor"] for row in rows] == ["Armenia", "Czechia (Czech Republic)", "Estonia", "Russian Federation"]
    assert rows[0]["actor IRI"].endswith("/state/ARM") and rows[0]["source lines"].count("#L") == 2


def test_after_ask_the_reader_is_at_the_answer(visit: Visit) -> None:
    page = visit("/questions/states-on-both-drafts")
    page.select_option("#f-kind", label="comments")
    page.get_by_role("button", name="Ask").click()
    page.wait_for_url("**#answer")
    assert page.inner_text("#answer") == "5 rows"
    assert 0 <= page.locator("#answer").bounding_box()["y"] < 450
    assert page.title().startswith(
        "Which states contributed to both the initial pre-draft and the Zero Draft? (comments only"
    )


def test_names_are_offered_while_one_types(visit: Visit) -> None:
    page = visit("/")
    page.locator("#find").press_sequentially("eston")
    page.wait_for_function("() => [...document.querySelectorAll('#offered option')].some(o => o.value === 'Estonia')")


def test_names_in_another_language_stay_in_the_address(visit: Visit) -> None:
    """A reader chooses them; the browser's own language does not."""
    page = visit("/states", locale="fr-FR")
    assert "Allemagne" not in page.inner_text("main")
    page.get_by_role("link", name="Français").click()
    germany = page.get_by_role("link", name="Allemagne")
    assert germany.get_attribute("lang") == "fr" and germany.get_attribute("dir") == "auto"
    germany.click()
    page.wait_for_url("**/state/DEU*")
    assert "lang=fr" in page.url and page.inner_text("h1") == "Allemagne"


def test_two_actors_are_compared_from_the_profile_of_one(visit: Visit) -> None:
    page = visit("/state/IRN")
    page.get_by_role("link", name="Compare it with others").click()
    page.wait_for_url("**/compare?actor=*")
    assert page.input_value("#a-0") == "Iran (Islamic Republic of)"
    page.locator("#a-1").press_sequentially("eston")
    page.wait_for_function("() => [...document.querySelectorAll('#offered option')].some(o => o.value === 'Estonia')")
    page.fill("#a-1", "Estonia")
    page.get_by_role("button", name="Compare").click()
    row = page.locator("tbody tr", has=page.get_by_role("link", name="Resolution A/RES/75/240"))
    # as the record of the United Nations says (data/reference/votes)
    assert row.locator("td").all_inner_texts()[1:3] == ["yes", "no"]


def test_from_an_answer_to_a_line_and_what_was_decided_about_it(visit: Visit) -> None:
    page = visit("/source/un-oewg?from=41")
    page.locator("#L56 a.no").click()
    page.wait_for_url("**line=56")
    assert page.inner_text("h1") == "UN OEWG, line 56"
    assert page.locator("#decisions-about-line tbody tr").count() > 0
    page.get_by_role("link", name="In context, among the other lines").click()
    assert page.locator("li:target").get_attribute("id") == "L56"
