"""Dates as pages print them."""

import pytest

from oewg_kg.draft import dates


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("14 March 2031", "2031-03-14", ""),
        ("1 November, 2019", "2019-11-01", ""),
        ("March 14, 2031", "2031-03-14", ""),
        ("8th of April 2030", "2030-04-08", ""),
        ("21 Jan. 2031", "2031-01-21", ""),
        ("2031-03-14", "2031-03-14", ""),
        ("25/04/2031", "2031-04-25", ""),
        ("25.04.2031", "2031-04-25", ""),
        ("Monday 8 April 2030", "2030-04-08", ""),
        ("Tue, 9 March 2060", "2060-03-09", ""),
        ("March 2031", "2031-03-01", "2031-03-31"),
        ("Feb 2032", "2032-02-01", "2032-02-29"),
        ("30 September – 2 October 2030", "2030-09-30", "2030-10-02"),
        ("28-1 March-April2022", "2022-03-28", "2022-04-01"),
        ("6, 8 and 13 May 2030", "2030-05-06", "2030-05-13"),
        ("30 May and 3 June 2030", "2030-05-30", "2030-06-03"),
        ("20-21, 24-28 May 2021", "2021-05-20", "2021-05-28"),
        ("30 December 2030 - 2 January 2031", "2030-12-30", "2031-01-02"),
        ("2031", "2031-01-01", "2031-12-31"),
    ],
)
def test_a_date_is_read_whatever_its_form(text: str, first: str, last: str) -> None:
    assert dates.cells(dates.alone(text)) == (first, last)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("18 October", "?"),
        ("31 June 2030", "?"),
        ("29 February 2031", "?"),
        ("03/04/2031", "?2031-04-03,2031-03-04"),
        ("Thursday, 12 April 2030", "?2030-04-12,2030-04-11"),
    ],
)
def test_a_date_that_leaves_something_to_the_reader_is_left_open(text: str, cell: str) -> None:
    assert dates.cells(dates.alone(text)) == (cell, "")


@pytest.mark.parametrize(
    "text", ["paragraph 14 of the text", "2030-2031", "A/AC.998/2031/L.1", "14 more States", "item 5"]
)
def test_other_numbers_are_not_dates(text: str) -> None:
    assert dates.find(text) == []


def test_an_event_of_one_day_has_first_and_last_day() -> None:
    assert dates.cells(dates.alone("27 February 2031"), event=True) == ("2031-02-27", "2031-02-27")
