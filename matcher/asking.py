"""Which questions are worth asking before anything is suggested: only those on which the groups at the top depend.

What was answered, or read from the story (and so is asked as a statement), is not asked again.
"""

import numpy as np

from matcher.ranking import Ranking
from matcher.screening import Screening

# The rule that a question's answer would decide → the question's id, in the order in which they are asked.
_QUESTION_OF_RULE = {
    "age": "age",
    "role": "role",
    "relation": "relation",
    "stage": "stage",
    "identity": "identities",
    "country": "country",
    "language": "languages",
    "distance": "place",
}


def choose_questions(ranking: Ranking, screening: Screening) -> tuple[str, ...]:
    """Ids of questions, first those that decide about the best group; groups held back count among the best, since
    what was read may be wrong.
    """
    situation, most = screening.situation, int(screening.rules.limits.groups_asked_about.value)
    near = ranking.rows[ranking.close][:most]
    is_open = screening.find_open(near)
    undecided = np.stack([is_open.get(rule, np.zeros(len(near), bool)) for rule in _QUESTION_OF_RULE], axis=1)
    questions = list(_QUESTION_OF_RULE.values())
    wanted = dict.fromkeys(questions[column] for column in np.nonzero(undecided)[1])  # of the best group first
    read = {statement.question_id for statement in situation.statements}
    return tuple(
        question for question in wanted if getattr(situation.intake, question) is None and question not in read
    )
