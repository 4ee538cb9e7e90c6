"""The fast ranker agrees with a plain one, and keeps the laws of a weighted sum."""

import math
from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.features import FEATURES, SUBJECT_FEATURES
from matcher.ranking import Candidates, Ranking, call_fit, estimate_probability, list_contributions, rank, weigh
from matcher.rulebook import default_rules
from models.recommendation import Fit
from models.rules import MatchingRules
from tests.plain_features import Values as PlainValues

RULES = default_rules()
VALUE = st.none() | st.floats(0, 1)
VALUES = st.fixed_dictionaries(dict.fromkeys(FEATURES, VALUE))


def ranked(*candidates: PlainValues, ids: Sequence[str] = ("g",)) -> Ranking:
    rows = np.arange(len(candidates))
    columns = {f: np.array([np.nan if (v := one[f]) is None else v for one in candidates]) for f in FEATURES}
    nothing = np.zeros(len(rows))
    return rank(Candidates(rows, columns, np.zeros_like(rows), nothing > 0, nothing), ids, RULES)


def plain_score(values: PlainValues, features: tuple[str, ...], rules: MatchingRules) -> float:
    """What `matcher.ranking` must compute, written as one would on paper."""
    total = 0.0
    for feature in features:
        value, weight = values[feature], getattr(rules.weights, feature)
        if value is not None:
            total += weight.value * (value - weight.neutral)
    return total


@given(st.lists(VALUES, max_size=12))
def test_the_ranker_agrees_with_a_plain_one(all_values: list[PlainValues]) -> None:
    ids = [f"g{number}" for number in range(len(all_values))]
    found = ranked(*all_values, ids=ids)
    for one in found:
        values = all_values[one.row]
        assert math.isclose(one.score, plain_score(values, FEATURES, RULES), abs_tol=1e-9)
        assert math.isclose(one.closeness, plain_score(values, SUBJECT_FEATURES, RULES), abs_tol=1e-9)
        assert math.isclose(one.score, math.fsum(part.amount for part in list_contributions(one, RULES)), abs_tol=1e-9)
    order = [(one.fit is Fit.NOT_CLOSE, -one.score, one.group_id) for one in found]
    assert order == sorted(order)
    assert sorted(one.group_id for one in found) == sorted(ids)


@given(VALUES, st.sampled_from(FEATURES))
def test_what_is_not_known_earns_nothing_and_costs_nothing(values: PlainValues, feature: str) -> None:
    neutral = getattr(RULES.weights, feature).neutral
    [unknown] = ranked({**values, feature: None})
    [indifferent] = ranked({**values, feature: neutral})
    assert math.isclose(unknown.score, indifferent.score, abs_tol=1e-9)


@given(VALUES, st.sampled_from(FEATURES), st.floats(0, 1), st.floats(0, 1))
def test_more_of_a_feature_never_lowers_the_score(values: PlainValues, feature: str, one: float, other: float) -> None:
    [low] = ranked({**values, feature: min(one, other)})
    [high] = ranked({**values, feature: max(one, other)})
    assert low.score <= high.score + 1e-9


@given(VALUES)
def test_groups_that_score_alike_stand_in_the_order_of_their_ids(values: PlainValues) -> None:
    assert [one.group_id for one in ranked(values, values, values, ids=("c", "a", "b"))] == ["a", "b", "c"]


PROBABILITY = st.floats(0, 1)
POINTS = st.floats(-20, 20)


@given(st.tuples(POINTS, PROBABILITY), st.tuples(POINTS, PROBABILITY))
def test_a_closer_and_more_probable_group_never_has_a_weaker_fit(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    order = [Fit.NOT_CLOSE, Fit.POSSIBLE, Fit.GOOD, Fit.STRONG]
    weaker = call_fit(min(one[0], other[0]), min(one[1], other[1]), RULES.levels)
    stronger = call_fit(max(one[0], other[0]), max(one[1], other[1]), RULES.levels)
    assert order.index(weaker) <= order.index(stronger)


@given(st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=8), st.integers(0, 7), st.floats(0, 5))
def test_what_is_closer_or_has_less_against_it_is_no_less_probable(
    points: list[tuple[float, float]], row: int, more: float
) -> None:
    row %= len(points)
    before, after = np.array(points), np.array(points)
    after[row] += more
    one, other = (estimate_probability(closeness, scores, RULES.levels) for closeness, scores in (before.T, after.T))
    assert 0 <= one[row] <= other[row] <= 1
    # Whatever comes to lie further behind becomes less probable.
    assert (np.delete(other, row) <= np.delete(one, row)).all()


def test_being_handy_does_not_make_up_for_being_about_something_else() -> None:
    closeness = np.array([4.0, 0.5, 0.5])
    plain, handy, awkward = estimate_probability(closeness, closeness + np.array([0.0, 9.0, -2.0]), RULES.levels)
    assert plain > handy > awkward
    assert handy == estimate_probability(closeness, closeness, RULES.levels)[1]


def test_nothing_to_rank() -> None:
    assert list(ranked()) == []
    assert weigh(np.zeros((0, len(FEATURES))), RULES).shape == (0, len(FEATURES))


def test_weights_that_were_changed_count_even_where_the_old_ones_have_been_used() -> None:
    values = np.ones((1, len(FEATURES)))
    weigh(values, RULES)
    topics = RULES.weights.topics.model_copy(update={"value": 3.0, "neutral": 0.0})
    changed = RULES.model_copy(update={"weights": RULES.weights.model_copy(update={"topics": topics})})
    assert weigh(values, changed)[0, FEATURES.index("topics")] == 3.0
