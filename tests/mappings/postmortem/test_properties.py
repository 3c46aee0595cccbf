"""Whatever the text: a reading comes back, and its lines lie in the document."""

from hypothesis import example, given
from hypothesis import strategies as st

from mappings.postmortem.blocks import LINE_END
from mappings.postmortem.edit import reference, tick
from mappings.postmortem.lint import lint
from mappings.postmortem.model import THRESHOLD
from mappings.postmortem.reading import read_postmortem

PIECES = st.sampled_from(
    ["# ", "## Action items\n", "## Timeline\n", "- [ ] ", "- [x] ",
     "| a | Owner |\n|--|--|\n", "|", "\n", "\r\n", "\r", "---\n", "date: 2026-01-01\n",
     "**Owner:** ", "Severity: SEV1\n", "```\n", "<!--", "-->", "> ", "    ", "\t", "[", "](",
     ")", "`", "*", "_", "~~", "@ana ", "#12 ", "PAY-1 ", "2026-02-30 ", "31/12/2026 ", "— ",
     "(", "due by Q3", "[a]: http://x\n", "\x00", "\u2028", "🧨",
     "<details>\n<summary>Actions</summary>\n\n", "1. ", "•", "期限: ", "Next steps:\n",
     "word ", "\ud800"]
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(PIECES, max_size=60).map("".join))


@given(text=TEXTS, name=st.text(max_size=30))
@example("# a\n## Action items\n" + "," * 30_000 + "x\n- a" + " " * 30_000 + "x", "")
def test_reading_never_fails_and_stays_within_the_document(text, name):
    reading = read_postmortem(text, name=name)
    last = len(LINE_END.split(text))
    for one in (*reading.actions, *reading.uncertain):
        assert 1 <= one.line <= one.end_line <= last
        assert one.title
        assert "\n" not in one.title
        assert 0 <= one.confidence <= 1
    assert all(one.confidence >= THRESHOLD for one in reading.actions)
    assert all(one.confidence < THRESHOLD for one in reading.uncertain)
    assert all(1 <= one.line <= one.end_line <= last for one in reading.sections)
    assert all(1 <= line <= last for line, _ in reading.blames)
    assert all(1 <= one.line <= last for one in reading.waivers)
    assert not (reading.template and reading.actions)
    assert all(0 <= one.line <= last for one in lint(reading))


URL = "https://github.com/acme/payments/issues/7"


@given(text=TEXTS, done=st.booleans())
@example("# a\n## Action items\n- [ ] a" + " " * 30_000 + "x\n### Do" + " " * 30_000 + "x", True)
def test_an_edit_of_any_document_is_of_one_line_and_made_once(text, done):
    reading = read_postmortem(text)
    before = text.splitlines(keepends=True)
    for one in (*reading.actions, *reading.uncertain):
        for edit in (
            lambda whole, one=one: tick(whole, one, done),
            lambda whole, one=one: reference(whole, one, URL),
        ):
            changed = edit(text)
            after = changed.splitlines(keepends=True)
            assert len(after) == len(before)
            assert sum(a != b for a, b in zip(before, after, strict=True)) <= 1
            assert edit(changed) == changed
        linked = reference(text, one, URL)
        assert linked == text or URL in linked


@given(st.text(alphabet="ab \u00e9", min_size=1).map(str.strip).filter(bool))
def test_line_ends_do_not_matter(words):
    text = f"# Shop down\n\n## Action items\n\n- [ ] Add a test {words}\n- [x] Drop it\n"
    assert read_postmortem(text) == read_postmortem(text.replace("\n", "\r\n"))


def test_a_document_of_thousands_of_items_and_headings_is_read_whole():
    items = "".join(f"- [ ] Mend part {number}\n" for number in range(3000))
    headings = "".join(f"### Quick wins\n- Mend thing {number}\n" for number in range(1000))
    reading = read_postmortem(f"# Shop down\n\n## Action items\n\n{items}\n{headings}")
    assert len(reading.actions) == 4000
