"""Which questions are worth asking before anything is suggested: only those on which the groups at the top depend.

What was answered, or read from the story (and so is asked as a statement), is not asked again.
"""

from collections.abc import Sequence

from matcher.eligibility import judge
from matcher.index import DirectoryIndex
from matcher.ranking import Ranked
from matcher.situation import Situation
from models.recommendation import Fit, Outcome
from models.rules import MatchingRules

# The rule that a question's answer would decide → the question's id.
_QUESTION_OF_RULE = {
    "role": "role",
    "relation": "relation",
    "stage": "stage",
    "identity": "identities",
    "age": "age",
    "country": "country",
    "distance": "place",
    "language": "languages",
}


def choose_questions(
    ranked: Sequence[Ranked], situation: Situation, index: DirectoryIndex, rules: MatchingRules
) -> tuple[str, ...]:
    """Ids of questions, first those that decide about the best group; groups held back count among the best, since
    what was read may be wrong.
    """
    near = [one for one in ranked if one.fit is not Fit.NOT_CLOSE][: int(rules.limits.groups_asked_about.value)]
    undecided = [
        _QUESTION_OF_RULE[finding.rule]
        for one in near
        for finding in judge(index.group(one.row), situation, rules)
        if finding.outcome is Outcome.UNKNOWN and finding.rule in _QUESTION_OF_RULE
    ]
    read = {statement.question_id for statement in situation.statements}
    return tuple(
        question
        for question in dict.fromkeys(undecided)
        if getattr(situation.intake, question) is None and question not in read
    )
