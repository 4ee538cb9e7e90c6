"""Tells of a phrase which words a text must hold for the phrase to be in it, and with which of them the phrase begins,
so that it is looked for only in texts and at places where it can be.

It may ask for too little, never for too much. Of regular expressions it knows what phrases are made of; what it doesn't
know is taken to match anything.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from matcher.cues.language import MARK
from matcher.cues.wording import ANY_NUMBER, ANY_WORD, ANYBODY, FIRST_LETTERS, Clues


@dataclass(frozen=True, eq=False)
class Piece:
    """A part of a phrase: letters, something of another kind, or ways to go on of which one is taken."""

    kind: str
    letters: str = ""
    ways: tuple["Pieces", ...] = ()
    may_lack: bool = False
    may_repeat: bool = False


Pieces = tuple[Piece, ...]
# How something can begin: with these letters, and then with what. After the `END` comes whatever follows it.
Beginnings = frozenset[tuple[str, str]]
END, SIGN, SOMEBODY, NUMBER, WORD, ANYTHING = "end", "sign", "somebody", "number", "word", "anything"
LETTERS, WAYS = "letters", "ways"
_AT_ONCE: Beginnings = frozenset({("", END)})
_CLUES = {SOMEBODY: ANYBODY, NUMBER: ANY_NUMBER, WORD: ANY_WORD}

_TOKEN = re.compile(
    r"(?:(?P<letters>\w+(?![?*+{])|\w)|\{(?P<part>[a-z_]+)\}|(?P<look>\(\?<?[=!])|(?P<open>\((?:\?:|\?P<\w+>)?)"
    r"|(?P<close>\))|(?P<otherwise>\|)|(?P<kind>\[(?:\\.|[^\]\\])+\]|\\[a-zA-Z]|[.^$])|\\?(?P<sign>.))"
    r"(?P<often>(?:[?*+]|\{\d*,?\d*\})[?+]?)?",
    re.DOTALL,
)
_KINDS = {**dict.fromkeys((r"\b", r"\B", "^", "$"), END), r"\w": WORD, r"\d": NUMBER, MARK: SOMEBODY}
_SIGNS_ONLY = re.compile(r"\[(?!\^)(?:\\\W|[^\w\\])+\]")
_DIGITS_ONLY = re.compile(r"\[[\d-]+\]")


def split_phrases(phrases: str, parts: Mapping[str, str]) -> list[tuple[str, Pieces]]:
    """Each of the phrases between the outermost `|`, as it is written and in pieces."""
    ways, _ = _read_ways(_TOKEN.finditer(phrases), parts)
    ends = [end for _, end in ways[:-1]] + [len(phrases)]
    starts = [0, *(end + 1 for end in ends)]
    return [(phrases[start:end], pieces) for (pieces, _), start, end in zip(ways, starts, ends, strict=False)]


def clues_of_beginning(phrase: Pieces) -> Clues | None:
    """With one of these the phrase begins; None where it can begin with anything."""
    return _clues_of(_beginnings(phrase), ends=True)


def clues_needed(phrase: Pieces) -> list[Clues]:
    """Of each of these, a text must hold one."""
    return list(dict.fromkeys(_needed(phrase, begins=True, ends=True)[0]))


def _needed(pieces: Pieces, *, begins: bool, ends: bool) -> tuple[list[Clues], bool]:
    """What the pieces need, and whether they surely end where a word can begin.

    `begins`: they surely begin where a word can. `ends`: what follows them is surely no part of a word.
    """
    needed: list[Clues] = []
    for place, piece in enumerate(pieces):
        word = piece.kind in (LETTERS, WAYS) and begins
        clues = _clues_of(_beginnings(pieces[place:]), ends=ends) if word else None
        needed += [] if clues is None or ANY_WORD in clues else [clues]
        if piece.kind == WAYS:
            own, after = _needed_by_ways(piece, begins, _is_apart(pieces[place + 1 :], at_end=ends))
            needed += [] if piece.may_lack else own
        else:
            needed += [frozenset({ANYBODY})] if piece.kind == SOMEBODY and not piece.may_lack else []
            after = piece.kind in (SIGN, SOMEBODY) or (piece.kind == END and begins)
        begins = after and (begins or not piece.may_lack)
    return needed, begins


@cache
def _needed_by_ways(piece: Piece, begins: bool, ends: bool) -> tuple[list[Clues], bool]:
    each = [_needed(way, begins=begins, ends=ends and not piece.may_repeat) for way in piece.ways]
    return _needed_by_any([needed for needed, _ in each]), all(after for _, after in each)


def _needed_by_any(ways: list[list[Clues]]) -> list[Clues]:
    """What is needed, whichever way is taken: of each, what is likely to be rarest."""
    if len(ways) == 1:
        return ways[0]
    return [frozenset().union(*(max(needed, key=_rarity) for needed in ways))] if all(ways) else []


def _rarity(clues: Clues) -> tuple[int, int]:
    return min(map(len, clues)), -len(clues)


def _clues_of(beginnings: Beginnings, *, ends: bool) -> Clues | None:
    """`ends`: what follows is surely no part of a word."""
    clues = [_clue_of(letters, then, ends=ends) for letters, then in beginnings]
    return None if None in clues else frozenset(clue for clue in clues if clue is not None)


def _clue_of(letters: str, then: str, *, ends: bool) -> str | None:
    if not letters:
        return _CLUES.get(then)
    if then == SIGN or (then == END and ends):
        return letters
    return letters[:FIRST_LETTERS] if len(letters) >= FIRST_LETTERS else ANY_WORD


def _is_apart(pieces: Pieces, *, at_end: bool) -> bool:
    """Whether pieces surely begin with no part of a word. `at_end`: the same of what comes after them."""
    for piece in pieces:
        begun = _beginnings_of(piece)
        if any(letters or then not in (SIGN, SOMEBODY, END) for letters, then in begun):
            return False
        if ("", END) not in begun:
            return True
    return at_end


def _beginnings(pieces: Pieces) -> Beginnings:
    begun = _AT_ONCE
    for piece in pieces:
        if begun == _AT_ONCE:
            begun = _beginnings_of(piece)
            continue
        going_on = [letters for letters, then in begun if then == END]
        if not going_on:
            break
        new = (_join(letters, *beginning) for letters in going_on for beginning in _beginnings_of(piece))
        begun = frozenset(new) | {beginning for beginning in begun if beginning[1] != END}
    return begun


@cache
def _beginnings_of(piece: Piece) -> Beginnings:
    if piece.kind == LETTERS:
        begun: Beginnings = frozenset({(piece.letters, END)})
    elif piece.kind == WAYS:
        begun = frozenset().union(*map(_beginnings, piece.ways))
    else:
        begun = frozenset({("", piece.kind)})
    if piece.may_repeat:
        begun |= {(letters, WORD) for letters, then in begun if letters and then == END}
    return begun | _AT_ONCE if piece.may_lack else begun


def _join(letters: str, more: str, then: str) -> tuple[str, str]:
    if not letters or more or then == END:
        return letters + more, then
    return letters, SIGN if then in (SIGN, SOMEBODY) else WORD


def _read_ways(
    tokens: Iterator[re.Match[str]], parts: Mapping[str, str]
) -> tuple[list[tuple[Pieces, int]], re.Match[str] | None]:
    """The ways up to the next closing bracket, each with the place where it ends, and that bracket."""
    ways: list[tuple[Pieces, int]] = []
    pieces: list[Piece] = []
    for token in tokens:
        if token["close"] or token["otherwise"]:
            ways.append((tuple(pieces), token.start()))
            pieces = []
        else:
            pieces.append(_read_piece(token, tokens, parts))
        if token["close"]:
            return ways, token
    return [*ways, (tuple(pieces), -1)], None


def _read_piece(token: re.Match[str], tokens: Iterator[re.Match[str]], parts: Mapping[str, str]) -> Piece:
    if token["look"]:
        _read_ways(tokens, parts)
        return Piece(END)
    if token["open"]:
        ways, closing = _read_ways(tokens, parts)
        return _piece(closing or token, WAYS, ways=tuple(pieces for pieces, _ in ways))
    if token["part"]:
        return _piece(token, WAYS, ways=_read_part(parts[token["part"]]))
    if token["letters"]:
        return _piece(token, LETTERS, letters=token["letters"])
    return _piece(token, SIGN if token["sign"] else _kind_of(token["kind"]))


@cache
def _read_part(part: str) -> tuple[Pieces, ...]:
    return tuple(pieces for pieces, _ in _read_ways(_TOKEN.finditer(part), {})[0])


def _kind_of(kind: str) -> str:
    if kind in _KINDS:
        return _KINDS[kind]
    if _DIGITS_ONLY.fullmatch(kind):
        return NUMBER
    return SIGN if _SIGNS_ONLY.fullmatch(kind) else ANYTHING


def _piece(token: re.Match[str], kind: str, letters: str = "", ways: tuple[Pieces, ...] = ()) -> Piece:
    often = token["often"] or ""
    may_repeat = often[:1] in ("*", "+", "{")
    kind = WORD if kind == LETTERS and may_repeat else kind
    return Piece(kind, letters, ways, may_lack=often[:1] in ("?", "*") or often.startswith("{0"), may_repeat=may_repeat)
