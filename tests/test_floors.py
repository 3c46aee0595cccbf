"""Three floors, arrows only go down: sync -> adapters -> mappings (design of the house)."""

import ast
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
#: What every adapter may share, and all that `sync` knows of them (the first five).
CONTRACT = {"nothing", "base", "errors", "registry", "seams", "credentials"}
SHARED = CONTRACT | {"transport", "wire", "files"}
#: Modules of the standard library without input, output, clock or chance.
PURE = {
    "abc", "base64", "bisect", "collections", "contextlib", "copy", "dataclasses", "datetime",
    "difflib", "enum", "functools", "hashlib", "hmac", "html", "itertools", "math", "operator",
    "re", "string", "textwrap", "tomllib", "types", "typing", "unicodedata", "urllib.parse",
}  # fmt: skip
#: Who may start the sandbox: what is for trying out. Tests and bench stand outside the floors.
SANDBOX_USERS = {"sync.cli", "sync.demo"}
CLIENTS = {"github", "gitlab", "jira", "atlassian"}


def modules(floor):
    """Every module of a floor by its dotted name, with the modules that it imports."""
    for path in sorted((ROOT / floor).rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, imported(ast.parse(path.read_text("utf-8")))


def imported(tree):
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports are absolute"
            # `from adapters import registry` names a module, `from adapters.base import Page` none.
            whole = node.module in {"sync", "adapters", "mappings", "urllib"}
            found |= {f"{node.module}.{a.name}" for a in node.names} if whole else {node.module}
    return found


def package(name):
    """The adapter a module of `adapters` belongs to: "github", "sandbox", "base", …"""
    return name.split(".")[1] if "." in name else ""


def test_mappings_know_only_values():
    for name, imports in modules("mappings"):
        for one in imports:
            floor = one.split(".")[0]
            pure = one in PURE or floor in {*PURE, "mappings", "pydantic", "markdown_it"}
            assert pure, f"{name} imports {one}"


def test_adapters_know_neither_the_engine_nor_each_other():
    for name, imports in modules("adapters"):
        allowed = SHARED if package(name) in SHARED else {*SHARED, package(name)}
        for one in imports:
            floor = one.split(".")[0]
            assert floor not in {"sync", "tests", "bench"}, f"{name} imports {one}"
            assert floor != "adapters" or package(one) in allowed, f"{name} imports {one}"


def test_sync_knows_adapters_only_by_their_contract():
    for name, imports in modules("sync"):
        allowed = CONTRACT
        if ".".join(name.split(".")[:2]) in SANDBOX_USERS:
            allowed = {*CONTRACT, "sandbox"}
        for one in imports:
            floor = one.split(".")[0]
            assert floor not in {*CLIENTS, "tests", "bench"}, f"{name} imports {one}"
            assert floor != "adapters" or package(one) in allowed, f"{name} imports {one}"


def test_the_engine_decides_without_reading_or_asking_anything():
    for name, imports in modules("sync"):
        if name.startswith("sync.decide"):
            for one in imports:
                inside = one.split(".")[0] in {"mappings", "adapters", "sync", "pydantic", "json"}
                assert inside or one.split(".")[0] in PURE, f"{name} imports {one}"
                assert not one.startswith(("sync.effect", "sync.store", "sync.cli")), name


def test_mappings_read_no_clock_and_open_no_file():
    for path in (ROOT / "mappings").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                name = getattr(called, "attr", getattr(called, "id", ""))
                assert name not in {"now", "today", "utcnow", "open", "print", "input"}, path


def test_the_list_of_pure_modules_names_modules_that_exist():
    assert {one.split(".")[0] for one in PURE} <= sys.stdlib_module_names


def test_imports_are_seen_wherever_they_stand():
    text = "import sync.cli\ndef f():\n from adapters import github\n from mappings.item import Ref"
    assert imported(ast.parse(text)) == {"sync.cli", "adapters.github", "mappings.item"}
