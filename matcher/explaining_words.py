"""What is said of the newcomer's words: only what moved the score, and never what a member wrote."""

import re
from functools import cache

from matcher.case import Case
from matcher.phrasebook import Subject, all_subjects, subjects_of
from matcher.terms import terms_of
from matcher.text import passage_of_group
from models.text import say_list
from models.vocabulary import TOPIC_IDS, Topic


def tell_shared_experience(case: Case) -> str | None:
    if case.profiles < case.rules.limits.voices_to_mention.value or not _members_speak_for_it(case):
        return None
    if case.situation.intake.story:
        return "People there have been through something like what you describe."
    return "People there have been through something like what you picked."


def _members_speak_for_it(case: Case) -> bool:
    """Whether the group stands higher for their voices: were they silent, the listing would speak in their stead."""
    if case.query is None:
        return False
    heard = sum(case.amount(feature) for feature in ("shared_experience", "same_subject", "same_words"))
    weights = case.rules.weights
    near = min(1.0, case.index.words.nearness_of_listing(case.query.words, case.ranked.row))
    subject = case.ranked.subject_were_they_silent - weights.same_subject.neutral
    return heard > weights.same_subject.value * subject + weights.same_words.value * (near - weights.same_words.neutral)


def tell_same_subject(case: Case) -> str:
    """What the listing itself says it is about; never that this is what the newcomer wrote."""
    topics = _topics_compared(case)
    what = "wrote" if case.situation.intake.story else "picked"
    return f"It is about {say_list(topics)}." if topics else f"What it is about is close to what you {what}."


def _topics_compared(case: Case) -> list[str]:
    """The listing's topics that the newcomer's words name, too. Its others may have had no part in the comparison."""
    known = all_subjects()
    listed = [known[topic] for topic in dict.fromkeys(case.group.topics or ()) if topic in known and topic in TOPIC_IDS]
    words = case.query.passage.lower().replace("’", "'") if case.query else ""
    named = [subject for subject in listed if _is_named_in(words, subject)]
    compared = subjects_of(case.group) if named else ()
    return [Topic(subject.id).label for subject in named if subject in compared]


def _is_named_in(words: str, subject: Subject) -> bool:
    return any(name in words for name in subject.names_in_small) and bool(_any_name_of(subject.id).search(words))


@cache
def _any_name_of(subject_id: str) -> re.Pattern[str]:
    names = all_subjects()[subject_id].names_in_small
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def tell_same_words(case: Case) -> str | None:
    shared = _rare_words_shared(case)
    how = "as you do" if case.situation.intake.story else "which you picked"
    return f"Its listing speaks of {say_list([f'“{word}”' for word in shared])}, {how}." if shared else None


def _rare_words_shared(case: Case) -> list[str]:
    """The words that stand in both texts and in few other listings, the rarest first.

    Members' texts don't count: which words are quoted would tell what they wrote. Nor do the words of a statement that
    waits to be confirmed.
    """
    shared = case.situation.quotable.intersection(terms_of(passage_of_group(case.group)))
    shares = {word: case.index.learned.terms.share_of_listings(word) for word in shared}
    rare = [word for word in shares if shares[word] <= case.rules.limits.rare_word_share.value]
    return sorted(rare, key=lambda word: (shares[word], word))[: int(case.rules.limits.words_quoted.value)]
