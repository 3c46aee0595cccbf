import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.item import UNSET
from mappings.titles import Title, read_title, write_title
from mappings.vocabulary import Priority, Severity

P0, P1, P2 = Priority.P0, Priority.P1, Priority.P2
SEV1, SEV2, SEV3 = Severity.SEV1, Severity.SEV2, Severity.SEV3


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("Checkout is down", Title("Checkout is down")),
        ("[P0] Checkout is down", Title("Checkout is down", P0)),
        ("[p0] Checkout is down", Title("Checkout is down", P0)),
        ("[P-0]Checkout is down", Title("Checkout is down", P0)),
        ("[ P0 ]  Checkout is down ", Title("Checkout is down", P0)),
        ("[SEV1] Down", Title("Down", severity=SEV1)),
        ("[SEV-1] Down", Title("Down", severity=SEV1)),
        ("[Sev 1] Down", Title("Down", severity=SEV1)),
        ("[sev_1] Down", Title("Down", severity=SEV1)),
        ("[severity 1] Down", Title("Down", severity=SEV1)),
        ("[CRITICAL] Down", Title("Down", severity=SEV1)),
        ("[Major] Slow", Title("Slow", severity=SEV2)),
        ("[minor] Crooked", Title("Crooked", severity=SEV3)),
        ("[INCIDENT] Down", Title("Down", incident=True)),
        ("[Incident] Down", Title("Down", incident=True)),
        ("[P0][SEV1] Down", Title("Down", P0, SEV1)),
        ("[SEV1] [Incident][P0] Down", Title("Down", P0, SEV1, incident=True)),
        ("[P0]: Down", Title("Down", P0)),
        ("[P0] - [SEV1] – Down", Title("Down", P0, SEV1)),  # noqa: RUF001  an en dash
        ("[P0] --verbose is ignored", Title("--verbose is ignored", P0)),
        ("", Title("")),
        ("[P0]", Title("", P0)),
        ("[P0] [SEV2] ", Title("", P0, SEV2)),
    ],
)
def test_prefixes_are_read_in_any_order_and_spelling(raw, said):
    assert read_title(raw) == said


@pytest.mark.parametrize(
    "raw",
    [
        "[WIP] Rework the pool",
        "[api] [P0] Down",
        "Down [P0]",
        "[P4] Some day",
        "[P0/P1] Undecided",
        "[S1] Seat reservations",
        "[] Empty",
        "P0: Down",
        "[P0 Down",
        "[a bracket that goes on and on] Down",
    ],
)
def test_other_brackets_and_later_prefixes_are_text(raw):
    assert read_title(raw) == Title(raw)


def test_of_two_prefixes_of_one_sort_the_first_counts():
    assert read_title("[P0] [P1] Down") == Title("Down", P0)


def test_writing_one_of_two_doubles_removes_the_other():
    assert write_title("[P0] [P1] Down", priority=P2) == "[P2] Down"
    assert write_title("[P0] [P1] Down", priority=P0) == "[P0] Down"
    assert write_title("[P0] [P1] Down", priority=None) == "Down"
    assert write_title("[P0] [P1] Down", severity=SEV1) == "[SEV1] [P0] [P1] Down"


def test_new_prefixes_go_first_in_a_fixed_order():
    written = write_title("Down", priority=P0, severity=SEV1, incident=True)
    assert written == "[INCIDENT] [P0] [SEV1] Down"
    assert write_title("[SEV1] Down", priority=P0) == "[P0] [SEV1] Down"


@pytest.mark.parametrize(
    ("raw", "severity", "written"),
    [
        ("[SEV2] [P1] Down", SEV1, "[SEV1] [P1] Down"),
        ("[P1][sev-2] Down", SEV1, "[P1][sev-1] Down"),
        ("[P1] [ Sev 2 ] Down", SEV1, "[P1] [ Sev 1 ] Down"),
        ("[P1] [Critical] Down", SEV3, "[P1] [SEV3] Down"),
        ("[P1] [Critical] Down", SEV1, "[P1] [Critical] Down"),
    ],
)
def test_a_prefix_that_changes_keeps_its_place_and_style(raw, severity, written):
    assert write_title(raw, severity=severity) == written


def test_a_prefix_can_be_taken_from_any_place():
    raw = "[INCIDENT] [P0][SEV1] Down"
    assert write_title(raw, incident=False) == "[P0][SEV1] Down"
    assert write_title(raw, priority=None) == "[INCIDENT][SEV1] Down"
    assert write_title(raw, severity=None) == "[INCIDENT] [P0] Down"
    assert write_title("[P0]", priority=None) == ""


def test_the_incident_mark_keeps_its_spelling_and_loses_its_double():
    assert write_title("[Incident] [INCIDENT] Down", incident=True) == "[Incident] Down"


def test_a_new_text_leaves_prefixes_and_their_gap_alone():
    assert write_title("[p0][SEV-1]  Down", text="Up") == "[p0][SEV-1]  Up"
    assert write_title("[P0]: Down", text="Up") == "[P0]: Up"
    assert write_title("[P0]", text="Up") == "[P0] Up"
    assert write_title("[P0] Down", text="") == "[P0]"
    assert write_title("Down", text="Up") == "Up"


def test_prefixes_inside_a_new_text_are_not_written():
    assert write_title("[P0] Down", text="[P2] Up") == "[P0] Up"


def test_a_prefix_added_to_an_empty_title_stands_alone():
    assert write_title("", incident=True) == "[INCIDENT]"


_PREFIX = st.sampled_from(
    ["[P0]", "[p1]", "[P-2]", "[SEV1]", "[Sev 2]", "[minor]", "[INCIDENT]", "[Incident]", "[WIP]"]
)
_GAP = st.sampled_from(["", " ", "  ", ": ", " - "])
_WORDS = st.text(alphabet="ab[]: -P0\u00e9", max_size=12)
_RAW = st.builds(
    lambda pairs, words: "".join(prefix + gap for prefix, gap in pairs) + words,
    st.lists(st.tuples(_PREFIX, _GAP), max_size=4),
    _WORDS,
)


@given(_RAW)
def test_nothing_given_changes_no_byte(raw):
    assert write_title(raw) == raw


@given(_RAW)
def test_writing_what_was_read_reads_the_same(raw):
    said = read_title(raw)
    written = write_title(
        raw,
        text=said.text,
        priority=said.priority,
        severity=said.severity,
        incident=said.incident,
    )
    assert read_title(written) == said


@given(_RAW)
def test_a_text_has_no_prefix_of_its_own(raw):
    text = read_title(raw).text
    assert read_title(text) == Title(text)


@given(
    _RAW,
    st.sampled_from([UNSET, None, *Priority]),
    st.sampled_from([UNSET, None, *Severity]),
    st.sampled_from([UNSET, False, True]),
    st.one_of(st.just(UNSET), _WORDS),
)
def test_what_is_written_reads_back_and_the_rest_is_untouched(
    raw, priority, severity, incident, text
):
    before = read_title(raw)
    after = read_title(
        write_title(raw, text=text, priority=priority, severity=severity, incident=incident)
    )
    assert after.priority is (before.priority if priority is UNSET else priority)
    assert after.severity is (before.severity if severity is UNSET else severity)
    assert after.incident is (before.incident if incident is UNSET else incident)
    assert after.text == (before.text if text is UNSET else read_title(text).text)
