"""What each page is made of, typed. Decides what a page knows; templates decide only how it looks."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from api.pages.answers import NEITHER, Answers, Mistake, Pair, carry_form
from api.pages.cards import Card, GroupFacts, make_card
from matcher.recommend import offer_help
from models.help import Help, HelpLine
from models.intake import Intake
from models.questionnaire import Question, Questionnaire, Screen, default_questionnaire
from models.recommendation import Recommendations, Statement

Sent = Sequence[tuple[str, object]]
"""The fields of a form, in order."""

_MOST_ASKED = 4
_WISHES_TO_CHANGE = ("online", "in_person", "small", "listening_only", "free")


def help_for_anyone() -> Help:
    """What a page shows that knows nothing of its reader."""
    return offer_help(Intake())


@dataclass(frozen=True, kw_only=True)
class Page:
    """What every page has. A title never tells what the page is about: it stands in the browser's history."""

    title: str
    help: Help = field(default_factory=help_for_anyone)


@dataclass(frozen=True, kw_only=True)
class IntakePage(Page):
    """All questions in one form, shown screen by screen."""

    questionnaire: Questionnaire = field(default_factory=default_questionnaire)
    answers: Answers = field(default_factory=Answers)
    mistakes: tuple[Mistake, ...] = ()

    @property
    def opening(self) -> Screen:
        """The screen shown first: the one with the first mistake, else the first of all."""
        wrong = {mistake.question_id for mistake in self.mistakes}
        screens = self.questionnaire.screens
        return next((s for s in screens if wrong & {question.id for question in s.questions}), screens[0])

    def mistake_in(self, question: Question) -> str | None:
        return _what_to_mend(question, self.mistakes)


@dataclass(frozen=True)
class Confirmation:
    """One question that the story seems to answer, with what was read."""

    question_id: str
    statements: tuple[Statement, ...]
    said: str
    """What was picked already; empty: nothing."""

    @property
    def asks(self) -> str:
        if len(self.statements) == 1:
            return f"We understood: {self.statements[0].sentence} Right?"
        return "We understood more than one thing. Which is it most of all?"

    @property
    def choices(self) -> tuple[Pair, ...]:
        """Value and label of each answer; an empty value leaves it open."""
        if len(self.statements) == 1:
            return (self.statements[0].id, "Yes"), (NEITHER, "No"), ("", "Not sure")
        return *((one.id, one.sentence) for one in self.statements), (NEITHER, "None of these"), ("", "Not sure")


@dataclass(frozen=True, kw_only=True)
class UnderstoodPage(Page):
    """What was read from the story, for the newcomer to confirm; and a few questions on which the groups depend."""

    confirmations: tuple[Confirmation, ...]
    questions: tuple[Question, ...]
    answers: Answers
    mistakes: tuple[Mistake, ...] = ()

    @property
    def hidden(self) -> tuple[Pair, ...]:
        """All answers but those to the questions asked here."""
        return self.answers.without(question.id for question in self.questions)

    def mistake_in(self, question: Question) -> str | None:
        return _what_to_mend(question, self.mistakes)


@dataclass(frozen=True, kw_only=True)
class ResultsPage(Page):
    """Up to three groups, or the nearest and why none is close; and a form to change one wish."""

    cards: tuple[Card, ...]
    nothing_close: str | None
    answers: Answers
    availability: Question
    wishes: Question
    """Only the few wishes that are offered for a change."""

    @property
    def hidden(self) -> tuple[Pair, ...]:
        """All answers, to carry them along."""
        return self.answers.pairs

    @property
    def hidden_beside_wishes(self) -> tuple[Pair, ...]:
        """All answers but those that the form to change a wish shows."""
        shown = [f"wishes.{choice.id}" for choice in self.wishes.choices]
        return self.answers.without(["availability", *shown])


@dataclass(frozen=True, kw_only=True)
class NoneFitPage(Page):
    """What to do when none of the groups shown is right."""

    more: tuple[Card, ...]
    hidden: tuple[Pair, ...]


@dataclass(frozen=True, kw_only=True)
class GroupPage(Page):
    """One group's listing, the same for everyone."""

    group: GroupFacts


@dataclass(frozen=True, kw_only=True)
class HelpPage(Page):
    """Where help is, everywhere."""

    lines: tuple[HelpLine, ...]


@dataclass(frozen=True, kw_only=True)
class MessagePage(Page):
    """One kind sentence, when something didn't work."""

    heading: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class BusyPage(Page):
    """Too many ask at once: when to send the same again, with everything that was filled in."""

    path: str
    """Where the form was sent."""
    hidden: tuple[Pair, ...]
    seconds: int


def say_busy(path: str, sent: Sent, seconds: int) -> BusyPage:
    """A page that holds the form as it was sent. Help stands first when the words ask for it, as on any page."""
    return BusyPage(
        title="Please try again – Kindred",
        help=offer_help(Answers.from_form(sent).read_words()),
        path=path,
        hidden=carry_form(sent),
        seconds=seconds,
    )


def choose_questions_to_ask(open_questions: Iterable[str], answers: Answers) -> tuple[Question, ...]:
    """The first few questions still open; none once groups were shown."""
    return () if answers.come_after_groups else _questions(open_questions)[:_MOST_ASKED]


def questions_of_mistakes(asked: Iterable[str], mistakes: tuple[Mistake, ...]) -> tuple[Question, ...]:
    """The questions that a page asked beside its statements, if every mistake is in one of these; else none."""
    questions = _questions(asked)[:_MOST_ASKED]
    return questions if {one.question_id for one in mistakes} <= {question.id for question in questions} else ()


def check_understanding(
    answers: Answers,
    intake: Intake,
    statements: tuple[Statement, ...],
    questions: tuple[Question, ...],
    said: Mapping[str, str],
    mistakes: tuple[Mistake, ...] = (),
) -> UnderstoodPage:
    """One confirmation for each question that the story seems to answer, in the order they were read; then the
    questions it leaves open. `said` is what was picked of the statements already.
    """
    question_ids = dict.fromkeys(statement.question_id for statement in statements)
    return UnderstoodPage(
        title="Please check – Kindred" if mistakes or not questions else "Before we look – Kindred",
        help=offer_help(intake),
        confirmations=tuple(
            Confirmation(
                question_id,
                tuple(one for one in statements if one.question_id == question_id),
                said.get(question_id, ""),
            )
            for question_id in question_ids
        ),
        questions=questions,
        answers=answers,
        mistakes=mistakes,
    )


def show_groups(intake: Intake, found: Recommendations) -> ResultsPage:
    """The groups found, as cards."""
    questions = {question.id: question for question in default_questionnaire().questions}
    wishes = questions["wishes"]
    shown = tuple(choice for choice in wishes.choices if choice.id in _WISHES_TO_CHANGE)
    groups = found.nothing_close.nearest if found.nothing_close else found.recommendations
    return ResultsPage(
        title="Your results – Kindred",
        help=found.help,
        cards=tuple(make_card(one) for one in groups),
        nothing_close=found.nothing_close.sentence if found.nothing_close else None,
        answers=Answers.of(intake).after_groups(),
        availability=questions["availability"],
        wishes=wishes.model_copy(update={"choices": shown}),
    )


def hear_that_none_fits(intake: Intake, found: Recommendations, already_shown: int) -> NoneFitPage:
    """What else there is, after the groups already shown."""
    groups = found.nothing_close.nearest if found.nothing_close else found.recommendations
    return NoneFitPage(
        title="What next – Kindred",
        help=found.help,
        more=tuple(make_card(one) for one in groups[already_shown:]),
        hidden=Answers.of(intake).after_groups().pairs,
    )


def _questions(ids: Iterable[str]) -> tuple[Question, ...]:
    known = {question.id: question for question in default_questionnaire().questions}
    return tuple(known[one] for one in dict.fromkeys(ids) if one in known)


def _what_to_mend(question: Question, mistakes: Iterable[Mistake]) -> str | None:
    return next((mistake.what_to_do for mistake in mistakes if mistake.question_id == question.id), None)
