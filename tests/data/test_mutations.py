"""How much damage to the real data is noticed: see mutations.py."""

import pytest

import mutations

pytestmark = pytest.mark.slow

# measured: 100 and 100; without the recorded numbers of triples 86.6 and 85.0, less two points for a sample that shifts with the data
NOTICED, NOTICED_OF_WHAT_IS_LOST, OTHERWISE = 99, 99, 83


def test_shapes_and_checks_notice_most_damage() -> None:
    outcomes = mutations.run()
    assert len(outcomes) == mutations.SAMPLE >= 300
    lost = [outcome for outcome in outcomes if not outcome.kept]
    assert mutations.share(list(outcomes)) >= NOTICED, mutations.told(outcomes)
    assert mutations.share(lost) >= NOTICED_OF_WHAT_IS_LOST, mutations.told(outcomes)
    for own in (list(outcomes), lost):
        assert mutations.share(mutations.otherwise(own)) >= OTHERWISE, mutations.told(outcomes)


def test_nothing_that_breaks_the_form_slips_through() -> None:
    broken = {"IRI that nothing describes", "date without its datatype", "empty literal"}
    own = [outcome for outcome in mutations.run() if outcome.mutation.kind in broken]
    assert len(own) > 100
    slipped = [str(outcome.mutation.before) for outcome in own if not outcome.noticed_by]
    assert not slipped, "\n".join(slipped)
