"""What is read from a story: offered as statements, withheld when readings disagree, never offered twice."""

import pytest
from syrupy.assertion import SnapshotAssertion

from matcher import reading
from matcher.cues.language import spell_plainly
from matcher.cues.patterns import compile_pattern
from matcher.eligibility import judge
from matcher.reading import only_reading, read_statements, say_wish
from matcher.rulebook import default_rules
from models.intake import Intake
from models.questionnaire import default_questionnaire
from models.vocabulary import Importance, Wish
from tests.records import a_group
from tests.situations import a_situation, doubts

TOWNS = ("leeds", "cork")


def read(story: str, **answers: object) -> set[str]:
    return {statement.id for statement in read_statements(Intake.model_validate({"story": story, **answers}), TOWNS)}


def of(question_id: str, statements: set[str]) -> set[str]:
    return {one.partition(":")[2] for one in statements if one.startswith(f"{question_id}:")}


@pytest.mark.parametrize(
    ("story", "roles"),
    [
        ("My mum drinks too much and I hide the bottles", {"supporting"}),
        ("I'm the daughter of an alcoholic", {"supporting"}),
        ("my husband’s gambling has cost us the house", {"supporting"}),
        ("My son is 16 and has anorexia", {"supporting"}),
        ("My best friend has bipolar", {"supporting"}),
        ("I drink too much", {"living_with"}),
        ("I've been diagnosed with lupus", {"living_with"}),
        ("I was diagnosed with cancer, my husband is lovely", {"living_with"}),
        ("I lost my job", {"living_with"}),
        ("lonely", {"living_with"}),
        ("My husband died in March", {"bereaved"}),
        ("lost my husband to cancer", {"bereaved"}),
        ("we lost our baby, he was stillborn", {"bereaved"}),
        ("My dog died", {"bereaved"}),
        ("My father was an alcoholic and now I drink", {"supporting", "living_with"}),
        ("My dad died and I was diagnosed with cancer", {"bereaved", "living_with"}),
        ("My mum does not have dementia", set()),
        ("I don't drink, my wife does", {"supporting"}),
        ("My wife doesn't drink. I do.", {"living_with"}),
        ("It isn't me who's ill, it's my little boy", {"supporting"}),
        ("The autistic one is me, not my daughter", {"living_with"}),
        ("nobody in my family drinks except me", {"living_with"}),
        ("I'm not the patient, I'm his wife", {"supporting"}),
        ("My mother hoards. I lie to people about it.", {"supporting"}),
        ("My hands look like my nan's did", {"living_with"}),
        ("My husband is lovely. I can't get out of bed.", {"living_with"}),
        ("My boyfriend reads my phone and I'm scared of him", {"living_with"}),
        ("My wife left me in March", {"living_with"}),
        ("cancer took my brother", {"bereaved"}),
        ("cancer took my brother to the edge", {"supporting"}),
        ("I nearly lost my sister to the drink", {"supporting"}),
        ("We haven't lost my dad", {"supporting"}),
        ("Mum is no longer with us", {"bereaved"}),
        ("My late husband made the curtains", {"bereaved"}),
        ("Mi hijo toma desde la mañana y yo le doy dinero porque me da miedo que salga a manejar", set()),
        ("hello", set()),
        ("", set()),
    ],
)
def test_whose_experience_it_is(story: str, roles: set[str]) -> None:
    assert of("role", read(story)) == roles


@pytest.mark.parametrize(
    ("story", "relations"),
    [
        ("My mum drinks too much", {"parent"}),
        ("I'm the daughter of an alcoholic", {"parent"}),
        ("my husband’s gambling has cost us the house", {"partner"}),
        ("I'm a widower", {"partner"}),
        ("My daughter is addicted to heroin", {"child"}),
        ("we lost our baby, he was stillborn", {"child"}),
        ("My brother died by suicide", {"sibling"}),
        ("My sister and my dad both have cancer", {"sibling", "parent"}),
        ("my mother-in-law has dementia", {"other"}),
        ("my sister's kid has leukaemia", {"other"}),
        ("my baby brother has leukaemia", {"sibling"}),
        ("I'm his wife, and he has MS", {"partner"}),
        ("He's my brother, not my husband, and he has MS", {"sibling"}),
        ("My dad has MS. My husband is lovely about it.", {"parent"}),
        ("my brothers agoraphobic", {"sibling"}),
        ("I was diagnosed with cancer, my husband is lovely", set()),
    ],
)
def test_who_it_is_about(story: str, relations: set[str]) -> None:
    assert of("relation", read(story)) == relations


@pytest.mark.parametrize(
    ("story", "stages"),
    [
        ("I have not been diagnosed with anything", {"finding_out"}),
        ("Never been diagnosed with ADHD but I think I might be", {"finding_out"}),
        ("I'm waiting for the results", {"finding_out"}),
        ("I was just diagnosed with cancer", {"new"}),
        ("It is not newly diagnosed", set()),
        ("She might have lupus", {"finding_out"}),
        ("They know what it is", set()),
        ("Dad's illness can't be cured", {"advanced"}),
        ("It isn't terminal", set()),
        ("I lost my sight six weeks ago", {"new"}),
        ("I lost my sight in 1996", {"long_term"}),
        ("We split on Tuesday", {"new"}),
        ("He rang me on Tuesday", set()),
        ("33 years in the fire service", set()),
        ("I am not sober", set()),
        ("I hope to be in remission", set()),
        ("My mum died in the hospice last month", {"new"}),
        ("my dad has stage 4 cancer", {"advanced"}),
        ("I'm in the middle of chemo", {"ongoing"}),
        ("I'm 12 years sober", {"recovering"}),
        ("I've had MS for twelve years", {"long_term"}),
        ("I've been diagnosed with lupus", set()),
    ],
)
def test_where_in_it_somebody_is(story: str, stages: set[str]) -> None:
    assert of("stage", read(story)) == stages


@pytest.mark.parametrize(
    ("story", "ages"),
    [
        ("I'm 34 and I have MS", {"34"}),
        ("34f, lupus", {"34"}),
        ("woman, 52", {"52"}),
        ("I'm 45. My daughter is 16", {"45"}),
        ("I am 34. No, I'm 43", {"34", "43"}),
        ("im sixty-eight and transitioning", {"68"}),
        ("diabetic, 18, and sick of it", {"18"}),
        ("At 44 I've been told I have MS", {"44"}),
        ("I'm a 21 year old carer", {"21"}),
        ("I'm a carer for a 21 year old", set()),
        ("I was 19 when it started", set()),
        ("Number 47, top flat", set()),
        ("I'm 90 kilos", set()),
        ("My dad's 55, out of work", set()),
        ("I'm 34 weeks pregnant", set()),
        ("I'm 12 years sober", set()),
        ("I'm not 40 yet", set()),
        ("My mum, who is 80, has dementia", set()),
    ],
)
def test_how_old_the_newcomer_is(story: str, ages: set[str]) -> None:
    assert of("age", read(story)) == ages


@pytest.mark.parametrize(
    ("story", "places"),
    [
        ("I live in Leeds", {"Leeds"}),
        ("I moved from Cork to Leeds", {"Leeds"}),
        ("I live in Leeds. I'm in Cork half the week", {"Leeds", "Cork"}),
        ("i live with my mum in leeds", {"Leeds"}),
        ("Lonely. Leeds.", {"Leeds"}),
        ("Anyone near Leeds?", {"Leeds"}),
        ("My brother's in Leeds", set()),
        ("I left Leeds", set()),
        ("I'm a Leeds fan", set()),
        ("popped a cork", set()),
        ("I live in Atlantis", set()),
    ],
)
def test_where_the_newcomer_is(story: str, places: set[str]) -> None:
    assert of("place", read(story)) == places


@pytest.mark.parametrize(
    ("story", "wishes"),
    [
        ("Please, nothing religious", {"faith:avoid"}),
        ("Prayer in the meeting is a must", {"faith:must"}),
        ("I'd like a twelve-step meeting", {"twelve_step:nice"}),
        ("I can't manage the twelve steps up to the hall", set()),
        ("It must not be online", {"online:avoid"}),
        ("online or nothing", {"online:must"}),
        ("I met my wife online", set()),
        ("Online or in person, I don't mind", set()),
        ("I'd rather meet in person, not through a screen", {"in_person:nice", "online:avoid"}),
        ("I don't want to have to speak", {"listening_only:nice"}),
        ("I can't do big groups", {"small:nice"}),
        ("I can't afford to pay", {"free:must"}),
        ("It doesn't have to be free", set()),
        ("I'm free on Thursdays", set()),
        ("I'd avoid anything only for women", {"shared_identity:avoid"}),
        ("My church has been kind", set()),
        ("I pray every night", set()),
    ],
)
def test_how_the_group_must_or_must_not_be(story: str, wishes: set[str]) -> None:
    found = {one.removeprefix("wishes.") for one in read(story) if one.startswith("wishes.")}
    assert found == wishes


@pytest.mark.parametrize("age", range(13, 100))
def test_every_age_is_read_in_words(age: int) -> None:
    tens = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
    teens = ("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
    ones = ("", "-one", "-two", "-three", "-four", "-five", "-six", "-seven", "-eight", "-nine")
    words = teens[age - 13] if age < 20 else tens[age // 10 - 2] + ones[age % 10]
    assert of("age", read(f"I'm {words} and tired")) == {str(age)}


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("I do not, he DOES NOT, i cannot, can not", "I don't, he DOESn't, i can't, can't"),
        ("didnot arent wont cant IM Ive", "didn't aren't won't can't I'M I've"),
        ("hes Thats theyre youve weve", "he's That's they're you've we've"),
        ("isn’t knot nothing hers ours", "isn't knot nothing hers ours"),
    ],
)
def test_apostrophes_are_put_where_people_leave_them_out(typed: str, plain: str) -> None:
    assert spell_plainly(typed) == plain


def test_brackets_in_a_row_are_read_at_once() -> None:
    assert of("stage", read("I was diagnosed " + "(((a" * 1000 + " last week")) == set()


def test_of_a_story_that_no_pattern_gets_through_nothing_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_without_end(_: str) -> list[tuple[Wish, Importance]]:
        compile_pattern(r"(?:(a+)+)+(?<!a)$").search("a" * 5000)
        return []

    monkeypatch.setattr(reading, "read_wishes", read_without_end)
    assert read("My mum drinks") == set()


def test_what_was_answered_is_not_asked_again() -> None:
    assert read("My mum drinks and I'm 34", role="supporting", relation="parent", age=34) == set()
    assert read("It must be online. It must be free.", wishes={"online": "nice"}) == {"wishes.free:must"}


def test_nobody_going_through_it_themselves_is_asked_who_it_is_about() -> None:
    assert of("relation", read("My mum drinks", role="living_with")) == set()


def test_what_was_struck_is_not_said_again() -> None:
    assert read("My mum drinks", struck=["role:supporting"]) == {"relation:parent"}


def test_two_readings_that_disagree_are_both_offered_and_none_is_used() -> None:
    situation = a_situation(story="My father was an alcoholic and now I drink. I'm 34. I am 43")
    assert only_reading(situation.statements, "role") is None
    assert (situation.supposed.role, situation.supposed.age) == (None, None)


def test_striking_one_of_two_readings_leaves_the_other_to_be_used() -> None:
    story = "My father was an alcoholic and now I drink"
    assert a_situation(story=story, struck=["role:living_with"]).supposed.role == "supporting"


def test_what_was_read_never_becomes_an_answer() -> None:
    situation = a_situation(story="I'm 34. My mum drinks.")
    assert (situation.supposed.role, situation.supposed.relation, situation.supposed.age) == (
        "supporting",
        "parent",
        34,
    )
    assert (situation.intake.role, situation.intake.relation, situation.intake.age) == (None, None, None)


def test_a_wish_that_was_read_is_no_condition_and_moves_nothing_until_it_is_confirmed() -> None:
    situation = a_situation(story="Nothing religious, and it must be online.")
    assert [one.id for one in situation.statements] == ["wishes.online:must", "wishes.faith:avoid"]
    assert situation.supposed.wishes is None
    everything = a_group(faith="faith_based", format="in_person")
    assert doubts(everything, situation, default_rules()) == ()
    assert "not_met" not in {one.outcome for one in judge(everything, situation, default_rules())}


def test_the_sentences_of_all_wishes_are_known(snapshot: SnapshotAssertion) -> None:
    assert [say_wish(wish, importance) for wish in Wish for importance in Importance] == snapshot


def test_every_statement_is_an_answer_to_its_question() -> None:
    story = (
        "I was just diagnosed. My mum has stage 4 cancer. My dad died. I'm waiting for tests, on chemo, in remission"
    )
    choices = {
        question.id: {choice.id for choice in question.choices} for question in default_questionnaire().questions
    }
    statements = read_statements(Intake(story=story + " for ten years"))
    assert {statement.question_id for statement in statements} == {"role", "relation", "stage"}
    assert len(statements) == 9
    assert all(statement.value in choices[statement.question_id] for statement in statements)
