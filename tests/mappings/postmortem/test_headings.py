"""What headings head, in the words teams choose, and those that head nothing."""

import pytest

from mappings.postmortem.model import SectionKind
from mappings.postmortem.words import kinds_of

K = SectionKind


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Going forward", K.ACTIONS),
        ("What we're changing", K.ACTIONS),
        ("Steps we are taking to harden login", K.ACTIONS),
        ("What are we going to do about it?", K.ACTIONS),
        ("Countermeasures", K.ACTIONS),
        ("Plan of action", K.ACTIONS),
        ("Mitigation plan", K.ACTIONS),
        ("Qué vamos a hacer", K.ACTIONS),
        ("Pendências", K.ACTIONS),
        ("Recomendação à equipa", K.ACTIONS),
        ("Recomendación", K.ACTIONS),
        ("Empfehlung an den Betrieb", K.ACTIONS),
        ("Zalecenia", K.ACTIONS),
        ("整改建议", K.ACTIONS),
        ("권고 사항", K.ACTIONS),
        ("Causa provável", K.ROOT_CAUSE),
        ("Posible causa", K.ROOT_CAUSE),
        ("Cause probable", K.ROOT_CAUSE),
        ("Suites à donner", K.ACTIONS),
        ("Korrekturmaßnahmen", K.ACTIONS),
        ("やるべきこと", K.ACTIONS),
        ("后续排查", K.ACTIONS),
        ("План работ", K.ACTIONS),
        ("개선 계획", K.ACTIONS),
        ("How do we keep this from coming back?", K.PREVENTION),
        ("Comment éviter que cela se reproduise", K.PREVENTION),
        ("What we would do differently", K.LESSONS),
        ("Areas for improvement", K.LESSONS),
        ("O que deu errado", K.LESSONS),
        ("做得不好的地方", K.LESSONS),
        ("Analysis", K.ROOT_CAUSE),
        ("根因分析", K.ROOT_CAUSE),
        ("Причинная цепочка", K.ROOT_CAUSE),
        ("Fator contribuinte", K.CONTRIBUTING_FACTORS),
        ("What contributed", K.CONTRIBUTING_FACTORS),
        ("Key events", K.TIMELINE),
        ("Ход событий", K.TIMELINE),
        ("Impacted customers", K.IMPACT),
        ("Вплив", K.IMPACT),
        ("¿Qué ocurrió?", K.SUMMARY),
    ],
)
def test_a_heading_says_what_it_heads(heading, kind):
    assert kinds_of(heading) == (kind,)


@pytest.mark.parametrize(
    "heading",
    [
        "What not to do",
        "Was man nicht tun sollte",
        "Response actions",
        "Steps we took",
        "How we fixed it",
        "Recovery steps",
        "Detection",
        "Related tickets",
    ],
)
def test_what_was_done_or_must_not_be_done_is_no_work(heading):
    assert kinds_of(heading) == ()


def test_a_title_with_the_word_analysis_is_no_section_on_the_cause(read):
    found = read("""
        # Incident analysis

        The shop was closed for an hour.

        ## Action items
        - Raise the limit
        """)
    assert [one.kind for one in found.sections] == [K.ACTIONS]


def test_crossed_out_advice_is_no_action_item(read):
    found = read("""
        # Slow search

        ## Action items
        - Add an index

        ### What not to do
        - Do not disable the cache
        - Raise the timeout once more
        """)
    assert [one.title for one in found.actions] == ["Add an index"]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("Timeline (all times UTC), 3 May to 5 May. All times are estimates", K.TIMELINE),
        ("Impact: nobody could pay by card for the whole of the evening", K.IMPACT),
        ("Root cause - a queue that nobody had watched since it was made", K.ROOT_CAUSE),
    ],
)
def test_a_heading_may_go_on_after_what_it_heads(heading, kind):
    assert kinds_of(heading) == (kind,)


def test_a_section_named_on_a_plain_line_of_its_own(read):
    found = read("""
        # Certificate ran out

        ## Detection
        Customers wrote to us.

        Action Items

        - Warn a month before
        - Let a machine renew it
        """)
    assert [one.title for one in found.actions] == ["Warn a month before", "Let a machine renew it"]
    assert [one.kind for one in found.sections] == [K.ACTIONS]


@pytest.mark.parametrize("title", ["Queue full", "The backlog incident", "Final fix review"])
def test_a_title_is_no_section_because_of_one_word_in_it(read, title):
    found = read(f"# {title}\n\n- Orders were lost\n\n## Impact\n\nNobody could buy.\n")
    assert found.actions == ()
    assert [one.kind for one in found.sections] == [K.IMPACT]


def test_boxes_under_a_heading_that_groups_work_are_work_where_nothing_else_is(read):
    found = read("""
        # Queue full

        ## Mitigations for later
        - [ ] Alarm before it is full
        - [x] Drain it by hand
        """)
    assert [one.done for one in found.actions] == [False, True]
