"""The ways in which a story says whose it is, as patterns over marked stories; their phrases are data (`roles.toml`).

What follows from each is decided in `matcher.whose`.
"""

import re

from matcher.cues.patterns import Pattern, compile_pattern
from matcher.cues.people import MARK, PARTS
from matcher.cues.phrases import fill, fill_parts, read_lists, whole_words, words_between
from models.vocabulary import Relation

_NOTS = "not|never|no|without|nor|none"
_LISTS = read_lists("roles")
_GAPS = {
    "to_condition": words_between(
        11, rf"{_NOTS}|i|i'm|i've|me|we|us|you|thinks?|says?|said|suggest\w*|told|tells|asks?|asked|calls?|called"
    ),
    "to_own": words_between(8, rf"{_NOTS}|{MARK}|{PARTS['kin']}"),
    "till_death": words_between(10, rf"{_NOTS}|i|nearly|almost|when|if|half"),
}
_PARTS = fill_parts(_LISTS["parts"], PARTS | _GAPS)


def _read(section: str, name: str) -> Pattern:
    return whole_words(fill(_LISTS[section][name], _PARTS))


PERSON = re.compile(MARK)
DIED = whole_words(fill("\n".join([_LISTS["bereaved"]["of_someone"], _LISTS["bereaved"]["by_itself"]]), _PARTS))
DIED_BY_ITSELF = {
    Relation.PARTNER: _read("bereaved", "of_partner"),
    Relation.CHILD: _read("bereaved", "of_child"),
}
CARING = _read("supporting", "caring")
SOMEONE_HAS_IT = _read("supporting", "someone_has_it")
HE_OR_SHE_HAS_IT = _read("supporting", "he_or_she_has_it")
HEALTHY = _read("supporting", "healthy")
OWN_SIDE = {relation: _read("supporting", f"side_{relation}") for relation in Relation}
OWN = _read("living_with", "own")
HARMED = _read("living_with", "harmed")
PARTED = _read("living_with", "parted")
PARTED_PERHAPS = _read("living_with", "parted_perhaps")
BEGINS = _read("living_with", "begins")
THEM_NOT_ME = _read("contrast", "them")
ME_NOT_THEM = _read("contrast", "me")
ME = _read("standing", "me")
FIRST_PERSON = _read("standing", "first_person")
THIRD_PERSON = _read("standing", "third_person")
SOMEONE_ELSE = _read("standing", "someone_else")
NOTICED = _read("standing", "noticed")
BESIDE = _read("standing", "beside")
LIKENED = _read("standing", "likened")
HE_OR_SHE = compile_pattern(r"\b(?:he|she|him|her|his)\b")
