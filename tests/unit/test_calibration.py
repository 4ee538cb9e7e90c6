"""Whether probabilities hold, and whom a threshold on closeness keeps: figures worked out by hand, and laws."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.calibration import Claim, DeclinedKind, Threshold, calibrate, sweep_thresholds
from models.recommendation import Fit


def claim(probability: float, right: bool, fit: Fit = Fit.GOOD) -> Claim:
    return Claim(probability, fit, right)


chances = st.sampled_from([0.0, 0.2, 0.5, 0.9]) | st.floats(0, 1)
closenesses = st.lists(st.none() | st.integers(-3, 9).map(float), min_size=1, max_size=30)


def test_the_error_is_how_far_ten_bins_of_equal_counts_are_off() -> None:
    # Two in each bin, whose mean probability is (4k + 1) / 40; none is right in the lower five bins, all in the upper.
    told = calibrate([claim(n / 20, n >= 10) for n in range(20)])
    assert [one.claims for one in told.bins] == [2] * 10
    assert [one.probability for one in told.bins] == pytest.approx([(4 * k + 1) / 40 for k in range(10)])
    assert [one.right for one in told.bins] == [0] * 5 + [1] * 5
    assert told.error == pytest.approx((45 / 40 + 5 - 145 / 40) / 10)


def test_of_claims_of_one_probability_the_share_right_counts_in_every_bin() -> None:
    told = calibrate([claim(0.25, n < 10) for n in range(40)])
    assert [one.right for one in told.bins] == [0.25] * 10
    assert told.error == pytest.approx(0)


def test_bins_of_uneven_counts_weigh_by_their_counts() -> None:
    told = calibrate([claim(0.5 + n / 100, right=True) for n in range(11)])
    assert [one.claims for one in told.bins] == [2] + [1] * 9
    assert told.error == pytest.approx(1 - 0.55)


@given(st.lists(st.tuples(chances, st.booleans()), max_size=40), st.randoms(use_true_random=False))
def test_the_order_of_claims_makes_no_difference(rows: list[tuple[float, bool]], dice: random.Random) -> None:
    claims = [claim(*row) for row in rows]
    told, shuffled = calibrate(claims), calibrate(dice.sample(claims, len(claims)))
    assert told.error == pytest.approx(shuffled.error)
    assert told.claims == sum(one.claims for one in told.bins) == len(rows)
    assert 0 <= told.error <= 1


def test_each_level_tells_how_many_and_what_share_were_right() -> None:
    told = calibrate([claim(0.7, True, Fit.STRONG), claim(0.7, False, Fit.STRONG), claim(0.1, False, Fit.NOT_CLOSE)])
    assert {one.fit: (one.claims, one.right) for one in told.levels} == {
        Fit.STRONG: (2, 0.5),
        Fit.GOOD: (0, None),
        Fit.POSSIBLE: (0, None),
        Fit.NOT_CLOSE: (1, 0),
    }


def test_a_threshold_keeps_some_and_declines_others() -> None:
    fitting = [float(n) for n in range(1, 11)]
    curve = sweep_thresholds(fitting, {"gibberish": [0.5, None], "another language": [2.5, 11.0]}, present=3.0)
    assert (curve.with_group, curve.without_group) == (10, 4)
    assert curve.keeping == Threshold(2, kept=0.9, declined=0.5)
    assert curve.present == Threshold(3, kept=0.8, declined=0.75)
    assert [point.closeness for point in curve.points] == fitting
    assert (curve.points[0], curve.points[-1]) == (Threshold(1, 1, 0.5), Threshold(10, 0.1, 0.75))
    assert curve.kinds == (DeclinedKind("another language", 2, 0, 0.5), DeclinedKind("gibberish", 2, 1, 1))


def test_whom_rules_leave_without_any_group_no_threshold_keeps() -> None:
    curve = sweep_thresholds([3.0, 4.0, None, None], {"gibberish": [1.0]}, present=2.0)
    assert curve.keeping is None
    assert curve.present == Threshold(2, kept=0.5, declined=1)
    assert curve.points == (Threshold(3, 0.5, 1), Threshold(4, 0.25, 1))
    assert curve.kinds == (DeclinedKind("gibberish", 1, None, 1),)


@given(closenesses, closenesses)
def test_no_other_threshold_that_keeps_nine_of_ten_declines_more(
    fitting: list[float | None], others: list[float | None]
) -> None:
    keeping = sweep_thresholds(fitting, {"any": others}, present=0).keeping
    for threshold in np.arange(-4, 11, 0.5):
        kept = sum(one is not None and one >= threshold for one in fitting)
        declined = sum(one is None or one < threshold for one in others)
        if 10 * kept >= 9 * len(fitting):
            assert keeping is not None
            assert declined <= keeping.declined * len(others) + 1e-9
    assert keeping is None or keeping.kept >= 0.9
