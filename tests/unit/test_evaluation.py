"""Measures, slices, intervals and comparisons of an evaluation."""

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.calibration import Claim, Threshold
from matcher.encoder import FakeEncoder
from matcher.evaluation import (
    MEASURES,
    JudgedNewcomer,
    Placing,
    Ranks,
    compare,
    count_refusals,
    measure,
    place_newcomers,
    report,
    slice_up,
    summarise,
)
from matcher.rulebook import default_rules
from models.errors import InvalidInput
from models.intake import Intake
from models.recommendation import Fit
from tests.records import a_group, a_profile
from tests.situations import an_index

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
LIMIT = default_rules().limits.candidates.value
CLOSE = default_rules().levels.possible_closeness.value


def placed(id: str, good: tuple[str, ...], ranks: Ranks, **facts: object) -> Placing:
    plain = {"told_nothing_close": False, "words": 10, "profiles": 3}
    return Placing(**{"id": id, "good": good, "ranks": ranks, **plain, **facts})


ranks_of_some = st.lists(st.integers(1, 30), min_size=1, max_size=6, unique=True).flatmap(
    lambda known: st.lists(st.none(), max_size=3).map(lambda out: tuple(known + out))
)
groups = st.sampled_from("abcd")
runs = st.lists(st.tuples(groups, st.none() | st.integers(1, 9)), min_size=1, max_size=25).map(
    lambda rows: [placed(f"n{n}", (group,), (rank,)) for n, (group, rank) in enumerate(rows)]
)


@given(ranks_of_some)
def test_measures_agree_with_a_plain_reading_of_the_whole_list(ranks: Ranks) -> None:
    order = [place in ranks for place in range(1, 31)]
    ideal = [True] * len(ranks) + [False] * 30

    def gain(hits: list[bool]) -> float:
        return sum(hit / np.log2(place + 2) for place, hit in enumerate(hits[:5]))

    assert measure(ranks) == pytest.approx(
        (
            sum(order[:1]) / min(1, len(ranks)),
            sum(order[:3]) / min(3, len(ranks)),
            1 / (order.index(True) + 1),
            gain(order) / gain(ideal),
        )
    )


@given(st.integers(1, 8))
def test_a_perfect_ranking_scores_one(judged: int) -> None:
    assert measure(tuple(range(1, judged + 1))) == pytest.approx((1, 1, 1, 1))


def test_a_group_that_a_rule_puts_out_scores_nothing() -> None:
    assert measure((None,)) == (0, 0, 0, 0)


@given(runs, st.integers(0, 99))
def test_an_interval_holds_its_figure_and_stays_between_nought_and_one(run: list[Placing], seed: int) -> None:
    for figure in summarise("all", run, np.random.default_rng(seed)).figures.values():
        assert -1e-9 <= figure.low <= figure.value + 1e-9
        assert figure.value - 1e-9 <= figure.high <= 1 + 1e-9


@given(runs)
def test_the_figure_is_the_plain_mean_of_the_groups_means(run: list[Placing]) -> None:
    by_group: dict[str, list[float]] = {}
    for one in run:
        by_group.setdefault(one.good[0], []).append(measure(one.ranks)[2])
    expected = np.mean([np.mean(values) for values in by_group.values()])
    assert summarise("all", run, np.random.default_rng(0)).figures["MRR"].value == pytest.approx(expected)


def test_each_group_counts_the_same_however_many_newcomers_it_has() -> None:
    run = [placed(f"a{n}", ("a",), (1,)) for n in range(9)] + [placed("b", ("b",), (2,))]
    assert summarise("all", run, np.random.default_rng(0)).figures["recall@1"].value == pytest.approx(0.5)


def test_the_same_seed_gives_the_same_report() -> None:
    run = [placed("a", ("a",), (1,)), placed("b", ("b", "c"), (4, None), kind="role")]
    assert report(run, np.random.default_rng(7), 2.0) == report(run, np.random.default_rng(7), 2.0)


@given(runs)
def test_a_run_against_itself_differs_in_nothing(run: list[Placing]) -> None:
    same = compare(run, run, np.random.default_rng(0))
    assert (same.wins, same.losses, same.unchanged) == ((), (), len(run))
    assert all((one.value, one.low, one.high) == (0, 0, 0) for one in same.differences.values())


def test_who_wins_and_who_loses_is_told_the_greatest_change_first() -> None:
    before = [placed("up", ("a",), (2,)), placed("far", ("a",), (None,)), placed("down", ("b",), (1,))]
    after = [placed("up", ("a",), (1,)), placed("far", ("a",), (1,)), placed("down", ("b",), (3,))]
    told = compare(before, after, np.random.default_rng(0))
    assert [(one.id, one.before, one.after) for one in told.wins] == [("far", None, 1), ("up", 2, 1)]
    assert [one.id for one in told.losses] == ["down"]
    assert told.differences["recall@1"].value == pytest.approx((1 - 1) / 2)


def test_runs_about_other_newcomers_are_not_compared() -> None:
    with pytest.raises(InvalidInput, match="not the same"):
        compare([placed("a", ("a",), (1,))], [placed("a", ("b",), (1,))], np.random.default_rng(0))


def test_slices_are_by_length_profiles_kind_and_group() -> None:
    run = [
        placed("a", ("a",), (1,), words=0, profiles=0, kind="role"),
        placed("b", ("a", "b"), (1, 2), words=100, profiles=100),
        placed("c", ("b",), (1,), words=251, profiles=20),
    ]
    named = {by: {name: [one.id for one in own] for name, own in parts.items()} for by, parts in slice_up(run).items()}
    assert named == {
        "story": {"no story": ["a"], "26 to 100 words": ["b"], "over 250 words": ["c"]},
        "profiles": {"none": ["a"], "6 to 20": ["c"], "100 and more": ["b"]},
        "kind": {"role": ["a"]},
        "group": {"a": ["a", "b"], "b": ["b", "c"]},
    }


def test_refusals_are_counted_apart_for_those_who_have_a_group_and_those_who_have_none() -> None:
    run = [placed("a", ("a",), (1,)), placed("b", ("a",), (1,), told_nothing_close=True), placed("c", (), ())]
    counted = count_refusals(run)
    assert (counted.with_group, counted.with_group_refused) == (2, 1)
    assert (counted.without_group, counted.without_group_refused) == (1, 0)


def test_without_a_judged_group_there_is_nothing_to_measure() -> None:
    with pytest.raises(InvalidInput, match="nothing to measure"):
        report([placed("c", (), ())], np.random.default_rng(0), 2.0)


def test_the_report_holds_claims_of_those_who_have_a_group_apart_from_all() -> None:
    run = [
        placed("a", ("a",), (1,), claims=(Claim(0.75, Fit.STRONG, True), Claim(0.5, Fit.GOOD, False)), closeness=3.0),
        placed("b", (), (), claims=(Claim(0.25, Fit.POSSIBLE, False),), closeness=2.0, kind="gibberish"),
        placed("c", (), (), closeness=1.0),
    ]
    told = report(run, np.random.default_rng(0), possible_closeness=1.5)
    assert (told.calibration.claims, told.calibration.error) == (2, pytest.approx((0.25 + 0.5) / 2))
    assert (told.calibration_of_all.claims, told.calibration_of_all.error) == (3, pytest.approx(1 / 3))
    assert told.refusal_curve is not None
    assert told.refusal_curve.keeping == Threshold(3, kept=1, declined=1)
    assert told.refusal_curve.present == Threshold(1.5, kept=1, declined=0.5)
    assert [one.kind for one in told.refusal_curve.kinds] == ["gibberish", "no kind given"]


def test_where_everybody_has_a_group_there_is_no_curve() -> None:
    assert report([placed("a", ("a",), (1,))], np.random.default_rng(0), 2.0).refusal_curve is None


@pytest.mark.parametrize("story", ["bowel surgery", "For people after bowel surgery, with an ileostomy", "zxqv"])
def test_the_first_three_groups_are_claims_and_the_closest_tells_whether_any_is_close(story: str) -> None:
    index = an_index(
        [a_group(f"g{n}", description="For people after bowel surgery. " + "And more. " * n) for n in range(5)]
    )
    [placing] = place_newcomers(
        [JudgedNewcomer("n", Intake(story=story), ("g0", "g4"))], index, FakeEncoder(), default_rules(), NOW
    )
    assert [place for place, one in enumerate(placing.claims, start=1) if one.right] == sorted(
        rank for rank in placing.ranks if rank and rank <= 3
    )
    assert len(placing.claims) == 3
    assert placing.closeness is not None
    assert placing.told_nothing_close == (placing.closeness < CLOSE)


def test_where_rules_put_every_group_out_nothing_is_claimed() -> None:
    index = an_index([a_group(places_open=0)])
    newcomer = JudgedNewcomer("n", Intake(story="bowel surgery"), ("g1",))
    [placing] = place_newcomers([newcomer], index, FakeEncoder(), default_rules(), NOW)
    assert (placing.claims, placing.closeness, placing.told_nothing_close) == ((), None, True)


def test_every_group_gets_a_rank_but_those_a_rule_puts_out() -> None:
    many = [a_group(f"g{n}", description=f"About subject {n}.") for n in range(int(LIMIT) + 5)]
    full = a_group("full", places_open=0)
    index = an_index([*many, full], [a_profile("p", "g1")])
    good = (*(group.id for group in many), "full")
    newcomer = JudgedNewcomer("n", Intake(story="bowel surgery in spring"), good)
    [placing] = place_newcomers([newcomer], index, FakeEncoder(), default_rules(), NOW)
    assert sorted(rank for rank in placing.ranks if rank) == list(range(1, len(many) + 1))
    assert placing.ranks[-1] is None
    assert (placing.words, placing.profiles) == (4, 1)
    assert len(MEASURES) == len(measure(placing.ranks))
