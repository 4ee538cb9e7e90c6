"""Reads the newcomer's own age, and not the ages of others, nor weeks, kilos and house numbers."""

import re

from matcher.cues.patterns import Match, compile_pattern
from matcher.cues.people import MARK, PARTS, Marked

_TEENS = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_IN_DIGITS = (
    {word: str(age) for age, word in enumerate(_TEENS, 13)}
    | {ten: str(20 + 10 * place) for place, ten in enumerate(_TENS)}
    | {
        f"{ten} {one}": str(20 + 10 * place + unit)
        for place, ten in enumerate(_TENS)
        for unit, one in enumerate(_ONES, 1)
    }
)
_AGE = rf"(\d\d|{'|'.join(sorted(_IN_DIGITS, key=len, reverse=True)).replace(' ', '[- ]')})"
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
# What is counted in "I'm 28 weeks" is not years of age, and "I'm 40 next week" is not 40.
_NOT_OF_AGE = (
    r"(?!\w|[:/%+.-]*\d|[%:/]|-(?!year)|'s\b| ?(?:"
    r"am|pm|k|kg|kilos?|stone|lbs?|pounds?|percent|per cent|grand|foot|feet|ft|miles?|km|cm|mm|mg|quid|th|st|nd|rd|plus"
    rf"|thousand|hundred|something|next|tomorrow|in (?:a|two|three|{_MONTHS})"
    r"|(?:or so |odd )?(?:hours?|minutes?|days?|nights?|weeks?|months?|sessions?|meetings?|steps)"
    r"|(?:or so |odd )?years?(?! (?:old|of age|young)))\b)"
)
_WHO = r"(?:m|f|nb|ftm|mtf|yo|y/o|male|female|woman|man|(?:years?|yrs?) old)\b"
_AGES = (
    rf"\b(?:i'm|i am)(?: only| just| now| still only)?(?: an?| aged?)? ?\b{_AGE}{_NOT_OF_AGE}"
    r"(?![- ]?(?:year|yr)s?[- ]olds)",
    rf"\b(?:i'm|i am|as) an? (?:[\w-]+ )?{_AGE}[- ]?(?:years?|yrs?|y)[- ]?o(?:ld)?\b(?! (?:{PARTS['kin']}))",
    rf"\bi(?:'ve)? (?:(?:just|recently|only just) )?turned {_AGE}\b",
    rf"(?:^|[.!?] )at {_AGE},? (?:i'm|i've|i am|i have|i still|i find|i feel|i can't|i don't|i thought)\b",
    rf"\b(?:i'm|i am) (?!not\b)(?:[\w'-]+ ){{0,4}}?[\w'-]+, {_AGE}(?=[,.;!]|$| and\b)",
    # 34, lupus. 34f. (34). Woman, 34. Depressed, 34, … F34.
    rf"^{_AGE}(?= ?[,.;/]| ?{_WHO})",
    rf"\b(?:woman|man|female|male|lass|bloke|fella|guy|fellow here|here)[, ]+(?:aged? )?{_AGE}"
    r"(?=[,.;!)]|$| (?!years|months|weeks|days|minutes|hours|of|more|other|times))",
    rf"(?:^|[.!?] )(?:[\w'-]+ ){{0,3}}[\w'-]+, {_AGE}(?=,| and\b|\.|$)",
    rf"(?:^|[,.!] ?){_AGE} (?:here|years young)\b",
    r"(?:^|[\s(])(?:i|i'm|me)? ?\(?(\d\d) ?(?:[fm]|nb)\)?(?=[\s,.)]|$)",
    r"(?:^|[\s(])(?:i|me) \((\d\d)\)",
    r"(?:^|[\s(])[fm] ?(\d\d)\b",
)
_PATTERNS = tuple(map(compile_pattern, _AGES))
_NUMBER = compile_pattern(r"\d\d|teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety")
# Where the words before a number are about somebody else, it is theirs.
_SOMEONE_ELSES = re.compile(rf"(?:{MARK}|\b(?:he|she|his|her|who|they|{PARTS['kin']})\b)[^.!?;\n]{{0,25}}$")
_THEN_OR_NEARLY = re.compile(
    r"\b(?:not|nearly|almost|about to|before|until|when|since|used to|if|was)(?: [\w'-]+){0,2} $"
)
_OWN = re.compile(r"[ (]*(?:i'm|i am|i|me)\b")
_LOOKED_BACK_CHARACTERS = 60


def read_ages(story: Marked) -> list[str]:
    """The newcomer's ages that a story tells, in digits."""
    if not _NUMBER.search(story.text):
        return []
    found = (match for pattern in _PATTERNS for match in pattern.finditer(story.text) if _is_own(match, story.text))
    return list(dict.fromkeys(_in_digits(match[1]) for match in found))


def _is_own(match: Match, text: str) -> bool:
    earliest = max(0, match.start() - _LOOKED_BACK_CHARACTERS)
    if _THEN_OR_NEARLY.search(text[earliest : match.start()]):
        return False
    return bool(_OWN.match(match[0])) or not _SOMEONE_ELSES.search(text[earliest : match.start(1)])


def _in_digits(age: str) -> str:
    return age if age.isdigit() else _IN_DIGITS[age.replace("-", " ")]
