"""The program under test: forked from the forge, or started as a person starts it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.prefix) / "bin" / "followthrough"
#: Seconds after which a run that nobody kills is a hang.
LONGEST = 60


class HangError(Exception):
    """A run did not end."""


def environment() -> dict[str, str]:
    """No settings from outside."""
    return {key: value for key, value in os.environ.items() if "FOLLOWTHROUGH" not in key}


@dataclass
class Child:
    """One run of the program. ``killed`` is set by whoever kills it first."""

    pid: int
    ended: threading.Event = field(default_factory=threading.Event)
    killed: threading.Event = field(default_factory=threading.Event)
    guard: threading.Lock = field(default_factory=threading.Lock)
    code: int | None = None

    def kill(self) -> bool:
        """SIGKILL, once. False when it had ended, or was killed before."""
        with self.guard:
            if self.ended.is_set() or self.killed.is_set():
                return False
            self.killed.set()
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            return True


class Forge:
    """The forking process, for the runs of one world. Give it back with :meth:`close`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("forge.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment() | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            text=True,
            bufsize=1,
        )
        self._expect("ready")

    def start(self, argv: list[str], out: Path) -> Child:
        """Run the program with these arguments."""
        self._tell(json.dumps({"argv": argv, "out": str(out)}))
        child = Child(int(self._expect("pid")))
        threading.Thread(target=self._watch, args=(child,), daemon=True).start()
        return child

    def wait(self, child: Child) -> int:
        """Its exit code; negative for a signal. Raises HangError."""
        if not child.ended.wait(LONGEST):
            child.kill()
            child.ended.wait(LONGEST)
            raise HangError
        self._tell("bury")
        child.code = int(self._expect("end"))
        return child.code

    def close(self) -> None:
        """End it."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)

    def _watch(self, child: Child) -> None:
        self._expect("ended")
        with child.guard:
            child.ended.set()

    def _tell(self, line: str) -> None:
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def _expect(self, word: str) -> str:
        line = self._process.stdout.readline().split()
        if not line or line[0] != word:
            raise RuntimeError(f"the forge said {line}, not {word}")
        return line[1] if len(line) > 1 else ""


def program(*argv: str) -> subprocess.CompletedProcess:
    """The installed program, as a person starts it."""
    return subprocess.run(
        [str(PROGRAM), *argv],
        env=environment(),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
