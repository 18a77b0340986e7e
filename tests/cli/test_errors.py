"""Each kind of error has an exit code of its own and says in one line what, where and what to do."""

import pyoxigraph as ox
import pytest

import effort
from oewg_kg import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (errors.NegativeFinding, 1),
        (errors.UsageError, 2),
        (errors.ParseError, 3),
        (errors.LimitError, 4),
        (errors.StorageError, 5),
    ],
)
def test_each_kind_has_its_exit_code(kind: type[errors.OewgError], code: int) -> None:
    assert kind("something").exit_code == code
    assert issubclass(kind, errors.OewgError)


def test_an_error_says_where_what_and_what_to_do() -> None:
    error = errors.ParseError("no such line", "data/a.trig:3:1", "correct the line")
    assert str(error) == "data/a.trig:3:1: no such line; correct the line"
    assert str(errors.UsageError("no such line")) == "no such line"


def test_an_error_is_one_line_whatever_its_parts_hold() -> None:
    assert str(errors.UsageError("two\nlines\tand  spaces", advice="write\n one")) == "two lines and spaces; write one"


def test_a_syntax_error_keeps_its_place() -> None:
    found = errors.from_syntax_error(SyntaxError("odd", ("x", 4, 7, None)), "queries/a.rq")
    assert str(found) == "queries/a.rq:4:7: odd"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("error at 3:14: expected ONE", "a.rq:3:14: syntax error: expected ONE"),
        ("Parser error at line 1 between columns 2 and 9: no IRI: 'x'", "a.rq:4:7: no IRI: 'x'"),
    ],
)
def test_the_place_is_shown_once(message: str, told: str) -> None:
    assert str(errors.from_syntax_error(SyntaxError(message, ("a.rq", 4, 7, None)), "a.rq")) == told


def test_a_syntax_error_without_a_place_is_at_the_beginning() -> None:
    assert str(errors.from_syntax_error(SyntaxError("odd"), "a.rq")) == "a.rq:1:1: odd"


def test_a_failure_of_storage_names_the_place() -> None:
    found = errors.from_os_error(FileNotFoundError(2, "No such file", "/nowhere"), "reading the page")
    assert str(found).startswith("/nowhere: file or folder not found; ")


def test_what_the_engine_expected_is_shortened_to_words() -> None:
    message = "error at 2:5: expected one of \"$\", ['A' ..= 'Z' | '\\u{00C0}'..='\\u{00D6}'], FILTER, [_]"
    assert (
        str(errors.from_syntax_error(SyntaxError(message), "a.rq")) == 'a.rq:2:5: syntax error: expected "$" or FILTER'
    )


def test_a_prefix_is_found_in_a_long_line_at_once() -> None:
    """A query may be a mebibyte long, and twice as much takes twice as long."""

    def of_length(length: int) -> float:
        text = f"ASK {{ {'a' * length} foo:bar"
        error = SyntaxError(f"error at 1:{len(text) + 1}: expected one of Prefix not found, ['%']")
        told = str(errors.from_syntax_error(error, "query", text=text))
        assert told.endswith("the prefix foo: is not declared; declare it first: PREFIX foo: <IRI>")
        return effort.seconds(lambda: errors.from_syntax_error(error, "query", text=text))

    assert of_length(1 << 20) < 24 * of_length(1 << 17), "eight times the length"


def test_keywords_that_are_allowed_nearly_everywhere_are_not_named_as_the_fault() -> None:
    with pytest.raises(SyntaxError) as found:
        ox.Store().query("SELECT ?s WHERE { ?s ?p }")
    told = str(errors.from_syntax_error(found.value, "a.rq"))
    assert told == "a.rq:1:26: syntax error: something is missing or misspelt here or just before"
