"""The list of common words can be made again from what Kindred brings along, and comes out the same."""

from scripts.make_common_words import TARGET, WORDS, common_words, read_pieces


def test_what_is_kept_is_what_would_be_made() -> None:
    made = common_words(read_pieces())
    assert len(made) == WORDS
    assert made == TARGET.read_text(encoding="utf-8").split()
