"""The whole flow, from an intake to recommendations: screen → retrieve and judge → score → balance → explain."""

from datetime import datetime

import numpy as np

from matcher.asking import choose_questions
from matcher.balance import balance, hold_back
from matcher.case import Case
from matcher.distress import suggests_danger
from matcher.encoder import TextEncoder
from matcher.explanation import give_reasons, name_mismatches, name_unknowns
from matcher.facts import Counts, Mask, Rows
from matcher.features import Values, WordValues, measure_facts, nearness, unknown, weigh_words
from matcher.index import DirectoryIndex, Query
from matcher.ranking import Candidates, rank, stack_features, weigh
from matcher.screening import Screening
from matcher.situation import Situation, situate
from matcher.synonyms import add_synonyms
from matcher.text import encode_passages, passage_of_intake
from models.help import Help, lines_for
from models.intake import Intake
from models.questionnaire import default_questionnaire
from models.recommendation import (
    Fit,
    NextMeeting,
    NothingClose,
    Recommendation,
    Recommendations,
    Versions,
)
from models.rules import MatchingRules
from models.schedule import next_meeting
from models.vocabulary import Format

LIMIT_MOST = 50


def recommend(
    intake: Intake, index: DirectoryIndex, encoder: TextEncoder, rules: MatchingRules, now: datetime, limit: int = 3
) -> Recommendations:
    """Up to `limit` groups for one newcomer, each with why it may fit and what may not.

    `now` is aware. Pure: the same arguments give the same answer, and nothing is kept.
    """
    situation = situate(intake, index.towns, now)
    query, screening = pose(intake, index, encoder), Screening.of(index.facts, situation, rules)
    ranking = rank(find_candidates(query, screening, index), index.ids, rules)
    undoubted, held = hold_back(ranking, situation, index, rules)
    nearest_shown = int(rules.balance.shown.value)
    chosen, moves = balance(undoubted, max(limit, nearest_shown), index, rules)
    explained = [explain(Case(one, query, situation, index, rules, chosen[0], undoubted)) for one in chosen]
    close = tuple(one for one in explained if one.fit is not Fit.NOT_CLOSE)[:limit]
    help_now = offer_help(intake)
    return Recommendations(
        recommendations=close,
        nothing_close=None if close else _nothing_close(situation, explained[:nearest_shown], help_now),
        understood=situation.statements,
        open_questions=choose_questions(ranking, screening),
        help=help_now,
        moves=(*held, *moves),
        versions=Versions(
            questionnaire=default_questionnaire().version,
            rules=rules.version,
            encoder=encoder.identity,
            directory=index.version,
        ),
    )


def pose(intake: Intake, index: DirectoryIndex, encoder: TextEncoder) -> Query | None:
    """What a newcomer's words ask of the directory; None where there are none."""
    passage = passage_of_intake(intake)
    if not passage:
        return None
    passage = add_synonyms(passage)
    return index.query(passage, encode_passages([passage], encoder)[0])


def find_candidates(query: Query | None, screening: Screening, index: DirectoryIndex) -> Candidates:
    """The nearest groups that no rule puts out. What is out is left out first, so that filtering never starves them."""
    situation, rules = screening.situation, screening.rules
    eligible, most = ~(index.gone | screening.find_out()), int(rules.limits.candidates.value)
    if query is None:
        rows, words = _best_by_facts(np.flatnonzero(eligible), most, index, situation, rules), None
    else:
        rows, words = _nearest(query, eligible, most, index, rules)
    values = {**_word_values(words, index.facts.profiles[rows]), **measure_facts(rows, index, situation, rules)}
    return Candidates(
        rows=rows,
        values=values,
        open_conditions=screening.count_open(rows),
        doubted=Screening.of_readings(index.facts, situation, rules).find_out(rows),
        subject_were_they_silent=unknown(rows) if words is None else words.subject_were_they_silent,
    )


def explain(case: Case) -> Recommendation:
    """A ranked group with the sentences made from its contributions."""
    return Recommendation(
        group=case.group,
        next_meeting=_next_meeting(case),
        fit=case.ranked.fit,
        score=case.ranked.score,
        contributions=case.contributions,
        reasons=give_reasons(case),
        mismatches=name_mismatches(case),
        unknowns=name_unknowns(case),
    )


def offer_help(intake: Intake) -> Help:
    """Where help is now: always there, and first when the words suggest danger."""
    danger = suggests_danger(intake)
    return Help(
        prominent=danger,
        sentence="If you might hurt yourself, or someone might hurt you, please talk to someone now."
        if danger
        else "If you need to talk to someone now:",
        lines=lines_for(intake.country),
    )


def _nearest(
    query: Query, eligible: Mask, most: int, index: DirectoryIndex, rules: MatchingRules
) -> tuple[Rows, WordValues]:
    """The nearest of the eligible groups, best first, and what the newcomer's words say of them."""
    rows = index.find(query, eligible, most)
    words = weigh_words(query, index, rules, rows)
    best = np.argsort(-nearness(words, rules), kind="stable")[:most]
    return rows[best], words.of(best)


def _best_by_facts(rows: Rows, most: int, index: DirectoryIndex, situation: Situation, rules: MatchingRules) -> Rows:
    """Where no words say which are near: those of these groups that all else speaks for most, in their order."""
    if len(rows) <= most:
        return rows
    values = {**_word_values(None, index.facts.profiles[rows]), **measure_facts(rows, index, situation, rules)}
    scores = weigh(stack_features(values), rules).sum(axis=1)
    return np.sort(rows[np.argsort(-scores, kind="stable")[:most]])


def _word_values(words: WordValues | None, profiles: Counts) -> Values:
    """Of groups whose members told so many profiles."""
    if words is None:
        return dict.fromkeys(("shared_experience", "same_subject", "same_words"), np.full(len(profiles), np.nan))
    return {
        "shared_experience": np.where(profiles > 0, words.shared_experience, np.nan),
        "same_subject": words.same_subject,
        "same_words": words.same_words,
    }


def _next_meeting(case: Case) -> NextMeeting | None:
    upcoming = next_meeting(case.schedules, case.situation.now)
    if upcoming is None:
        return None
    starts, schedule = upcoming
    own = starts.astimezone(case.situation.zone) if case.situation.zone else starts
    elsewhere = case.group.format is not Format.IN_PERSON and own.utcoffset() != starts.utcoffset()
    return NextMeeting(
        starts=starts,
        starts_for_newcomer=own if elsewhere else None,
        duration_minutes=schedule.duration_minutes,
        time_zone=schedule.time_zone,
    )


def _nothing_close(situation: Situation, nearest: list[Recommendation], help_now: Help) -> NothingClose:
    if help_now.prominent and nearest:
        # Whoever is in danger must not read that nobody is there.
        sentence = "Talking to someone now comes first. For later, these are the nearest groups we know."
    elif not situation.intake.has_words:
        sentence = "You haven't told us what it is about, so we can't say what fits. These are groups you could go to."
    elif nearest:
        sentence = "We don't know a group that is close to what you told us. These are the nearest."
    else:
        sentence = "We don't know a group that you could go to and that is close to what you told us."
    return NothingClose(sentence=sentence, nearest=tuple(nearest))
