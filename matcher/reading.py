"""Reads role, stage, place and age from the story's own words, as statements to confirm.

What is read is never taken for true: it may move a group up or down, it never puts one in or out (but for the safety
of minors), and where two readings disagree neither is used. The words it looks for are in `matcher.cues`.
"""

import re
from collections.abc import Iterable, Iterator

from matcher import cues
from models.intake import Intake
from models.recommendation import Statement
from models.vocabulary import Relation, Role, Stage

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
}
_STAGE_SENTENCES = {
    Stage.FINDING_OUT: "There is no diagnosis yet.",
    Stage.ADVANCED: "The illness is advanced or can't be cured.",
    Stage.RECOVERING: "You (or they) are recovering.",
    Stage.ONGOING: "You (or they) are in the middle of treatment.",
    Stage.NEW: "It's new: the last few months.",
    Stage.LONG_TERM: "It has been years.",
}


def read_statements(intake: Intake, towns: Iterable[str] = ()) -> tuple[Statement, ...]:
    """What the story seems to say that the newcomer has neither answered nor struck; `towns` are those known."""
    story = (intake.story or "").replace("’", "'")
    return tuple(
        statement
        for statement in _read(story, intake, towns)
        if getattr(intake, statement.question_id) is None and statement.id not in intake.struck
    )


def only_reading(statements: Iterable[Statement], question_id: str) -> str | None:
    """The one value read for a question; None when nothing, or more than one thing, was read."""
    values = [statement.value for statement in statements if statement.question_id == question_id]
    return values[0] if len(values) == 1 else None


def _read(story: str, intake: Intake, towns: Iterable[str]) -> Iterator[Statement]:
    for role in _roles(story):
        yield _statement("role", role, _ROLE_SENTENCES[role])
    for relation in _relations(story, intake):
        yield _statement("relation", relation, _RELATION_SENTENCES[relation])
    for stage, sentence in _STAGE_SENTENCES.items():
        if cues.STAGES[stage].search(story):
            yield _statement("stage", stage, sentence)
    for town in towns:
        # Only with its capital letter: a cork is not Cork.
        if re.search(rf"\b{re.escape(town.title())}\b", story):
            yield _statement("place", town.title(), f"You're in or near {town.title()}.")
    for age in dict.fromkeys(found for pattern in cues.AGES for found in pattern.findall(story)):
        yield _statement("age", age, f"You're {age}.")


def _roles(story: str) -> list[Role]:
    if cues.BEREAVED.search(story):
        return [Role.BEREAVED, *([Role.LIVING_WITH] if cues.LIVING_WITH.search(story) else [])]
    roles = [role for role, cue in cues.ROLES.items() if cue.search(story)]
    if roles == [Role.LIVING_WITH] and cues.MUCH_OF_SOMEONE_ELSE.search(story):
        return [Role.LIVING_WITH, Role.SUPPORTING]
    # Whoever names nobody else is most likely writing of themselves.
    alone = cues.ANY_SUBJECT.search(story) and not cues.SOMEONE_ELSE.search(story)
    return roles or ([Role.LIVING_WITH] if alone else [])


def _relations(story: str, intake: Intake) -> list[Relation]:
    """Who the story is about, if it is not about the newcomer."""
    roles = [intake.role] if intake.role else _roles(story)
    if Role.SUPPORTING not in roles and Role.BEREAVED not in roles:
        return []
    return [relation for relation, cue in cues.RELATIONS.items() if cue.search(story)]


def _statement(question_id: str, value: str, sentence: str) -> Statement:
    return Statement(id=f"{question_id}:{value}", question_id=question_id, value=value, sentence=sentence)
