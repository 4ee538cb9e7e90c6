"""Notices words that suggest danger, so that help stands first. It never ranks, blocks, labels or stores."""

import re

from models.intake import Intake
from models.vocabulary import Topic

# By `re`, which never gives a text up, as PCRE2 may.
_DANGER = re.compile(
    r"\b(?:"
    r"suicid\w*|kill(?:ing)? my ?self|end(?:ing)? (?:it all|my life|everything)|tak(?:e|ing) my (?:own )?life"
    r"|(?:want|wish|going|ready|hope|like) to die|want(?:ed)? to be dead"
    r"|better off (?:dead|without me)|wish i (?:was|were) dead"
    r"|(?:no|any) reason to (?:live|go on)|can'?t go on|don'?t want to (?:live|be here|wake up|be alive|exist)"
    r"|(?:cut(?:ting)?|hurt(?:ing)?|harm(?:ing)?|burn(?:ing)?) my ?self|self[- ]?harm\w*|overdos(?:e|ed|ing)"
    r"|\b(?:he|she|they|husband|wife|partner|boyfriend|girlfriend|ex|dad|mum) (?:is|are|gets) violent\b"
    r"|(?:he|she|they|husband|wife|partner|boyfriend|girlfriend|my \w+) (?:hits?|beats?|chok\w+|strangl\w+|rap\w+) me"
    r"|afraid (?:he|she|they)(?:'ll| will) kill"
    r")\b"
)
_TOPICS = {Topic.SUICIDAL_THOUGHTS, Topic.SELF_HARM, Topic.DOMESTIC_ABUSE}


def suggests_danger(intake: Intake) -> bool:
    """Whether help should stand first: a few plain phrases or topics, on the side of showing it too often."""
    story = (intake.story or "").lower().replace("’", "'")
    return bool(_DANGER.search(story)) or not _TOPICS.isdisjoint(intake.topics or ())
