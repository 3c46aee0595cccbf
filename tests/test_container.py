"""The image, proved without a container engine: its build steps are run in a folder."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[1]


def stages(text):
    """The stages of a Dockerfile, each a list of (instruction, rest of its line)."""
    joined = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    found = []
    for line in filter(str.strip, joined.splitlines()):
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            found.append([])
        if found:
            found[-1].append((instruction, " ".join(rest.split())))
    return found


BUILDER, FINAL = stages((ROOT / "Dockerfile").read_text("utf-8"))


def said(stage, instruction):
    return [rest for name, rest in stage if name == instruction]


ENV = dict(pair.split("=", 1) for pair in shlex.split(said(FINAL, "ENV")[0]))


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder in which the builder's steps were done; paths of the image lie below it."""
    root = tmp_path_factory.mktemp("image")
    build, bin_ = root / "build", root / "bin"
    build.mkdir()
    (root / "opt").mkdir()
    bin_.mkdir()
    python = getattr(sys, "_base_executable", sys.executable)
    (bin_ / "python").write_text(f'#!/bin/sh\nexec {shlex.quote(python)} "$@"\n')
    (bin_ / "python").chmod(0o755)
    environ = {name: value for name, value in os.environ.items()
               if not name.startswith(("PYTHON", "FOLLOWTHROUGH", "VIRTUAL_ENV"))}  # fmt: skip
    environ |= {"PATH": f"{bin_}:{os.environ['PATH']}", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    _reachable(root, environ, python)
    for instruction, rest in BUILDER:
        if instruction == "COPY":
            *sources, target = rest.split()
            for source in sources:
                _copy(ROOT / source, build, target)
        elif instruction == "RUN":
            # What pip downloads may be kept here, or every run of the tests downloads it again.
            command = rest.replace("--no-cache-dir ", "")
            command = re.sub(r"(?<![\w/])/(build|opt)\b", rf"{root}/\1", command)
            done = subprocess.run(
                ["sh", "-ec", command],
                cwd=build,
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{rest}\n{done.stdout}{done.stderr}"
    return root


def _copy(source, build, target):
    if source.is_dir():
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(source, build / target, ignore=ignored)
    else:
        shutil.copy(source, build)


def _reachable(root, environ, python):
    """Skip where no package can be had at all."""
    pin = re.search(
        r"^(\S+==\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)",
        (ROOT / "requirements-build.lock").read_text("utf-8"),
        re.MULTILINE,
    )
    one = root / "one.txt"
    one.write_text(pin[0])
    command = [python, "-m", "pip", "download", "--no-deps", "-q", "-d", str(root / "got")]
    command += ["--retries", "1", "--timeout", "10", "--require-hashes", "-r", str(one)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip("no package index can be reached to build the image from")


def in_image(image, *command, **environ):
    """Run what the image would, as its user would find it: nothing of this checkout in sight."""
    environ = {"PATH": f"{image}/opt/followthrough/bin:/usr/bin:/bin", "LANG": "C.UTF-8"} | environ
    return subprocess.run(
        command, cwd=image, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_installed_program_runs_and_finds_its_adapters(image):
    done = in_image(image, "followthrough", "version")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("followthrough 0.")
    assert in_image(image, "followthrough", "--help").returncode == 0
    done = in_image(image, "followthrough", "adapters", "--json")
    assert {"github", "metis"} <= {one["name"] for one in json.loads(done.stdout)["adapters"]}


@pytest.mark.slow
def test_the_installed_program_plays_the_whole_demo(image):
    done = in_image(image, "followthrough", "demo")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_no_installer_is_left_in_it(image):
    python = image / "opt/followthrough/bin/python"
    done = subprocess.run([python, "-c", "import pip"], capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError" in done.stderr


@pytest.mark.slow
def test_what_was_installed_is_what_is_locked(image):
    script = (
        "from importlib.metadata import distributions as d\n"
        "print(*sorted(f'{x.name.lower()}=={x.version}' for x in d()), sep='\\n')"
    )
    python = image / "opt/followthrough/bin/python"
    done = subprocess.run([python, "-c", script], capture_output=True, text=True, check=True)
    there = set(done.stdout.replace("_", "-").split())
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = set(re.findall(r"^(\S+==\S+)", lock, re.MULTILINE))
    ours = {one for one in there if one.startswith("followthrough==")}
    assert len(ours) == 1
    assert there - ours <= pinned


@pytest.mark.slow
def test_the_wheel_holds_all_that_the_program_reads(image):
    (wheel,) = (image / "build/dist").glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    folders = ("sync", "adapters", "mappings")
    wanted = {
        path.relative_to(ROOT).as_posix()
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= held
    assert {f"{folder}/py.typed" for folder in folders} <= held
    kinds = {PurePosixPath(name).suffix for name in wanted}
    assert {".toml", ".html", ".mako", ".css"} <= kinds
    assert [name for name in held if not name.startswith((*folders, "followthrough-"))] == []


def test_it_runs_as_nobody_special():
    (user,) = said(FINAL, "USER")
    uid, gid = map(int, user.split(":"))
    assert uid
    assert gid
    owned = re.search(r"install -d .*-o (\d+) -g (\d+) (\S+)", said(FINAL, "RUN")[0])
    assert (int(owned[1]), int(owned[2])) == (uid, gid)
    assert said(FINAL, "VOLUME") == [owned[3]]


def test_its_state_lies_in_the_volume():
    (volume,) = said(FINAL, "VOLUME")
    assert ENV["FOLLOWTHROUGH_STATE__URL"].startswith(f"sqlite:///{volume}/")


def test_its_base_is_pinned_and_the_same_in_both_stages():
    text = (ROOT / "Dockerfile").read_text("utf-8")
    (base,) = re.findall(r"^ARG BASE=(\S+)$", text, re.MULTILINE)
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base)
    assert [said(stage, "FROM")[0].split()[0] for stage in (BUILDER, FINAL)] == ["${BASE}"] * 2


def test_nothing_but_the_listed_files_can_get_into_it():
    lines = (ROOT / ".dockerignore").read_text("utf-8").split()
    lines = [line for line in lines if not line.startswith("#")]
    let_in = {line[1:] for line in lines if line.startswith("!")}
    copied = {one for rest in said(BUILDER, "COPY") for one in rest.split()[:-1]}
    assert "*" in lines
    assert let_in == copied


@pytest.mark.parametrize("status", [HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE])
def test_its_health_check_believes_the_daemon(status):
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    (check,) = said(FINAL, "HEALTHCHECK")
    _, _, script = json.loads(check.partition("CMD ")[2])
    _, _, port = ENV["FOLLOWTHROUGH_DAEMON__LISTEN"].rpartition(":")
    assert port in script
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        script = script.replace(port, str(server.server_port))
        proxied = os.environ | {"http_proxy": "http://127.0.0.1:9"}
        done = subprocess.run([sys.executable, "-c", script], env=proxied, check=False)
        thread.join()
    assert asked == ["/healthz"]
    assert (done.returncode == 0) is (status is HTTPStatus.OK)


def test_its_health_check_fails_when_nobody_listens():
    (check,) = said(FINAL, "HEALTHCHECK")
    _, _, script = json.loads(check.partition("CMD ")[2])
    _, _, port = ENV["FOLLOWTHROUGH_DAEMON__LISTEN"].rpartition(":")
    # Nothing listens on port 1.
    command = [sys.executable, "-c", script.replace(port, "1")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode != 0
