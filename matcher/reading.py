"""Reads role, relation, stage, place, age and wishes from the story's own words, as statements to confirm.

What is read is never taken for true: it may move a group up or down, or hold one back until it is confirmed or struck,
and where two readings disagree neither is used. A wish that was read counts nothing at all until it is confirmed. The
words looked for are in `matcher.cues`.
"""

from collections.abc import Collection, Iterable, Iterator

from matcher.cues.ages import read_ages
from matcher.cues.language import is_english, spell_plainly
from matcher.cues.patterns import TooTangled
from matcher.cues.people import mark_people
from matcher.cues.places import read_towns
from matcher.cues.stages import read_stages
from matcher.cues.wishes import read_wishes
from matcher.whose import tell_whose
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import Importance, Relation, Role, Stage, Wish

_ROLE_SENTENCES = {
    Role.BEREAVED: "It's about someone who has died.",
    Role.SUPPORTING: "You're supporting or worried about someone.",
    Role.LIVING_WITH: "You're going through it yourself.",
}
_RELATION_SENTENCES = {
    Relation.PARTNER: "It's about your husband, wife or partner, or your ex.",
    Relation.PARENT: "It's about your mother or father.",
    Relation.CHILD: "It's about your child.",
    Relation.SIBLING: "It's about your brother or sister.",
    Relation.OTHER: "It's about someone else in your family, or a friend.",
}
_STAGE_SENTENCES = {
    Stage.FINDING_OUT: "There is no diagnosis yet.",
    Stage.ADVANCED: "The illness is advanced or can't be cured.",
    Stage.RECOVERING: "You (or they) are recovering.",
    Stage.ONGOING: "You (or they) are in the middle of treatment.",
    Stage.NEW: "It's new: the last few months.",
    Stage.LONG_TERM: "It has been years.",
}
_WISH_SENTENCES = {
    Importance.MUST: "You need to {}.",
    Importance.NICE: "You'd like to {}.",
    Importance.AVOID: "You'd rather not {}.",
}
_WISHED = {
    Wish.ONLINE: "meet online",
    Wish.IN_PERSON: "meet in person",
    Wish.LISTENING_ONLY: "be where people can just listen",
    Wish.CAMERA_OFF: "be where cameras can stay off",
    Wish.SMALL: "be in a small group",
    Wish.FACILITATED: "have someone trained leading it",
    Wish.STRUCTURED: "have a set programme",
    Wish.TWELVE_STEP: "follow the twelve steps",
    Wish.FAITH: "have faith or prayer in it",
    Wish.SHARED_IDENTITY: "be in a group kept for people like you",
    Wish.FREE: "have it free of charge",
    Wish.DROP_IN: "be where people just drop in",
}


def read_statements(intake: Intake, towns: Collection[str] = ()) -> tuple[Statement, ...]:
    """What the story seems to say that the newcomer has neither answered nor struck; `towns` are those known."""
    try:
        story = spell_plainly(intake.story or "")
        read = list(_read(story, intake, towns)) if is_english(story) else []
    except TooTangled:
        # Nothing is lost: what isn't read is asked.
        return ()
    return tuple(one for one in read if not _is_answered(one, intake) and one.id not in intake.struck)


def say_wish(wish: Wish, importance: Importance) -> str:
    """A wish as it is said back to the newcomer."""
    return _WISH_SENTENCES[importance].format(_WISHED[wish])


def only_reading(statements: Iterable[Statement], question_id: str) -> str | None:
    """The one value read for a question; None when nothing, or more than one thing, was read."""
    values = [statement.value for statement in statements if statement.question_id == question_id]
    return values[0] if len(values) == 1 else None


def _read(story: str, intake: Intake, towns: Collection[str]) -> Iterator[Statement]:
    marked = mark_people(story)
    whose = tell_whose(marked)
    for role in whose.roles:
        yield _statement("role", role, _ROLE_SENTENCES[role])
    roles = (intake.role,) if intake.role else whose.roles
    about_someone = Role.SUPPORTING in roles or Role.BEREAVED in roles
    for relation in whose.relations if about_someone else ():
        yield _statement("relation", relation, _RELATION_SENTENCES[relation])
    for stage in read_stages(marked, of_grief=whose.roles == (Role.BEREAVED,)):
        yield _statement("stage", stage, _STAGE_SENTENCES[stage])
    for town in read_towns(story, towns):
        yield _statement("place", town, f"You're in or near {town}.")
    for age in read_ages(marked):
        yield _statement("age", age, f"You're {age}.")
    for wish, importance in read_wishes(story):
        yield _statement(f"wishes.{wish}", importance, say_wish(wish, importance))


def _is_answered(statement: Statement, intake: Intake) -> bool:
    question, _, wish = statement.question_id.partition(".")
    return intake.wants(Wish(wish)) is not None if wish else getattr(intake, question) is not None


def _statement(question_id: str, value: str, sentence: str) -> Statement:
    return Statement(id=f"{question_id}:{value}", question_id=question_id, value=value, sentence=sentence)
