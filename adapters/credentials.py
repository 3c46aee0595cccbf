"""Secrets by environment or file, never in the settings; read anew whenever they are needed."""

import os
from pathlib import Path

from pydantic import SecretStr, model_validator

from mappings.problem import Problem, ProblemError
from mappings.profile import Table


class SecretSource(Table):
    """Where a secret is kept: ``{ env = "NAME" }`` or ``{ file = "/run/secrets/name" }``."""

    env: str = ""
    file: str = ""

    @model_validator(mode="after")
    def _exactly_one(self) -> "SecretSource":
        if bool(self.env) == bool(self.file):
            msg = 'a secret is given as { env = "NAME" } or { file = "PATH" }, one of the two'
            raise ValueError(msg)
        return self

    def __str__(self) -> str:
        return f"environment variable {self.env}" if self.env else f"file {self.file}"

    def read(self) -> SecretStr:
        """The secret as it is now. Raises ProblemError (E203) when there is none."""
        remedy = "Name the file that holds it, and let this program read it."
        try:
            raw = os.environ.get(self.env, "") if self.env else Path(self.file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror
            problem = Problem("E203", f"cannot be read: {why}.", str(self), remedy)
            raise ProblemError(problem) from None
        if not raw.strip():
            raise ProblemError(
                Problem(
                    "E203", "holds no secret.", str(self), "Set it, then run `followthrough check`."
                )
            )
        return SecretStr(raw.strip())
