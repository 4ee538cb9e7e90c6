"""How texts of many lengths are packed into batches."""

from hypothesis import given
from hypothesis import strategies as st

from matcher.openvino_encoder import BATCH_PIECES, pack, padded

LENGTHS = st.lists(st.integers(min_value=1, max_value=2 * BATCH_PIECES), max_size=300)


@given(LENGTHS)
def test_every_text_is_in_one_batch(lengths: list[int]) -> None:
    assert sorted(place for batch in pack(lengths) for place in batch) == list(range(len(lengths)))


@given(LENGTHS)
def test_no_batch_holds_more_than_it_may_but_for_one_long_text(lengths: list[int]) -> None:
    for batch in pack(lengths):
        assert len(batch) == 1 or len(batch) * max(padded(lengths[place]) for place in batch) <= BATCH_PIECES


@given(LENGTHS)
def test_texts_stand_with_those_of_like_length(lengths: list[int]) -> None:
    order = [lengths[place] for batch in pack(lengths) for place in batch]
    assert order == sorted(lengths, reverse=True)


@given(LENGTHS)
def test_batches_have_few_sizes_so_that_few_shapes_are_compiled(lengths: list[int]) -> None:
    assert {len(batch).bit_count() for batch in pack(lengths)} <= {1}


@given(st.integers(min_value=1, max_value=10_000))
def test_a_short_text_is_padded_by_less_than_eight_pieces_and_a_long_one_by_less_than_sixteen(length: int) -> None:
    step = 8 if length <= 128 else 16
    assert 0 <= padded(length) - length < step
    assert padded(length) % step == 0
