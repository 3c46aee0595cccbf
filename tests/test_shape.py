"""Small functions, small files, telling names, and every exception to a rule with its reason."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ("sync", "adapters", "mappings")
FILES = sorted(path for one in PACKAGES for path in (ROOT / one).rglob("*.py"))
LONGEST_FUNCTION, P95_FUNCTION, LONGEST_FILE = 60, 28, 400
#: A migration is one list of tables in one function; cutting it up would help nobody.
UNMEASURED = "sync/store/migrations/versions/"


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def functions():
    """Every function: where it is, and its lines of code (no docstring, comment or blank)."""
    for path in FILES:
        if not name_of(path).startswith(UNMEASURED):
            lines = path.read_text("utf-8").splitlines()
            for node in ast.walk(ast.parse("\n".join(lines))):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    yield f"{name_of(path)}:{node.lineno} {node.name}", code_lines(node, lines)


def code_lines(node, lines):
    first = node.body[0]
    text = range(first.lineno, first.end_lineno + 1) if ast.get_docstring(node) else ()
    inside = (number for number in range(node.lineno, node.end_lineno + 1) if number not in text)
    return sum(bool(re.match(r"\s*[^\s#]", lines[number - 1])) for number in inside)


def test_code_lines_leaves_out_what_is_no_code():
    text = 'def f():\n    """Says.\n\n    More.\n    """\n    # why\n\n    return 1\n'
    assert code_lines(ast.parse(text).body[0], text.splitlines()) == 2


def test_no_function_is_long(record_property):
    sizes = sorted(functions(), key=lambda one: one[1])
    p95 = sizes[int(len(sizes) * 0.95)][1]
    record_property("functions", len(sizes))
    record_property("p95_code_lines", p95)
    assert sizes[-1][1] <= LONGEST_FUNCTION, sizes[-1]
    assert p95 <= P95_FUNCTION, f"p95 is {p95} lines of code in {len(sizes)} functions"


def test_no_file_is_long():
    sizes = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in FILES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_every_module_says_what_it_is_for():
    silent = [path for path in FILES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert [name_of(path) for path in silent] == []


def test_no_module_is_a_drawer_for_anything():
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert [name_of(path) for path in FILES if path.stem.lower() in drawers] == []


def test_no_group_of_a_pattern_is_possessive():
    """With one, Python before 3.11.5 (Debian 12 has 3.11.2) matches too much: cpython#106052."""
    pattern = re.compile(r"\)(?:[*+?]|\{[\d,]+\})\+")
    lines = {
        f"{name_of(path)}:{number}": line.strip()
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    }
    assert {at: line for at, line in lines.items() if pattern.search(line)} == {}


def test_every_silenced_rule_has_its_reason():
    bare = re.compile(r"# (noqa|type: ignore|pragma)\b(?!:?[^#]*\s{2,}\S)(?!\[[a-z-]+\])")
    found = [
        f"{name_of(path)}:{number}"
        for path in FILES
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if bare.search(line)
    ]
    assert found == []
