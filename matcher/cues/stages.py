"""Reads where in it somebody is: finding out, new, in treatment, years on, recovering, near the end. The words are data
(`stages.toml`).
"""

from matcher.cues.language import is_said
from matcher.cues.people import PARTS, Marked
from matcher.cues.phrases import fill, fill_parts, read_lists, whole_words
from models.vocabulary import Stage

_LISTS = read_lists("stages")
_PARTS = fill_parts(_LISTS["parts"], PARTS)
_STAGES = {stage: whole_words(fill(_LISTS["stages"][stage], _PARTS)) for stage in Stage}
_NOT_YET = whole_words(fill(_LISTS["stages"]["not_yet"], _PARTS))
_OF_GRIEF = (Stage.NEW, Stage.LONG_TERM)


def read_stages(story: Marked, *, of_grief: bool) -> list[Stage]:
    """The stages a story speaks of. Of grief, only how long ago: what else it tells was the dead one's."""
    said = [stage for stage in (_OF_GRIEF if of_grief else Stage) if is_said(_STAGES[stage], story.text)]
    if of_grief:
        return said
    return list(dict.fromkeys([*([Stage.FINDING_OUT] if _NOT_YET.search(story.text) else []), *said]))
