"""One GitHub host and credential."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from adapters.base import Budget, Capabilities, Check, Connection, Description, Project
from adapters.errors import AdapterError
from adapters.github.client import Client, Options
from adapters.github.project import GitHubProject, capabilities
from adapters.seams import Seams
from adapters.transport import Answer
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

__all__ = ["GitHubConnection", "Options"]

#: Beyond this our clock and GitHub's disagree enough to confuse people reading times.
SKEW_SECONDS: Final = 30
#: A token that ends sooner is worth a warning.
WARN_DAYS: Final = 14
_EXPIRY: Final = "github-authentication-token-expiration"


class GitHubConnection(Connection):
    """Opens repositories by "owner/name". Makes no request until asked something."""

    def __init__(self, options: Options, seams: Seams) -> None:
        self.client = Client(options, seams)
        self.clock = seams.clock
        self.capabilities: Capabilities = capabilities(options)
        self._login = ""

    def login(self) -> str:
        """The account our issues carry as author; asked for once."""
        if not self._login:
            self._login = self.describe().user
        return self._login

    def describe(self) -> Description:
        answer, self._login = self._me()
        scopes = answer.headers.get("x-oauth-scopes", "")
        return Description(
            adapter="github",
            user=self._login,
            url=self.client.options.base_url,
            version=answer.headers.get("x-github-enterprise-version", ""),
            server_time=answer.date(),
            expires_at=_expiry(answer.headers.get(_EXPIRY, "")),
            scopes=tuple(one.strip() for one in scopes.split(",") if one.strip()),
        )

    def _me(self) -> tuple[Answer, str]:
        if self.client.options.app is not None:
            answer = self.client.as_app("/app")
            data = answer.data if isinstance(answer.data, dict) else {}
            return answer, f"{data.get('slug', '')}[bot]"
        answer = self.client.get("/user")
        data = answer.data if isinstance(answer.data, dict) else {}
        return answer, str(data.get("login", ""))

    def open(self, project: str, profile: Profile) -> Project:
        owner, _, name = project.partition("/")
        if not owner or not name or "/" in name or any(one in project for one in " ?#%"):
            text = f'"{project}" is no repository. Write project = "owner/name".'
            raise ProblemError(Problem("E201", text))
        return GitHubProject(self.client, self.login, project, profile)

    def budget(self) -> Budget:
        return self.client.limits.budget()

    def check(self) -> Iterator[Check]:
        try:
            me = self.describe()
        except AdapterError as error:
            yield Check("token", False, str(error), error.problem.remedy)
            return
        scopes = f", scopes {', '.join(me.scopes)}" if me.scopes else ""
        yield Check("token", True, f"{me.user} at {me.url}{scopes}")
        if me.expires_at:
            days = (me.expires_at - self.clock.now()).days
            remedy = "Make a new one soon." if days < WARN_DAYS else ""
            yield Check("token's end", days >= WARN_DAYS, f"{me.expires_at:%Y-%m-%d}", remedy)
        if me.server_time:
            skew = abs((self.clock.now() - me.server_time).total_seconds())
            wrong = skew > SKEW_SECONDS
            remedy = "Set this machine's clock." if wrong else ""
            yield Check("clock", not wrong, f"{skew:.0f} s apart from GitHub's", remedy)
        said = self.budget()
        if said.limit is not None:
            left = f"{said.remaining} of {said.limit} requests left"
            remedy = "" if said.remaining else "Wait for the reset."
            yield Check("rate limit", bool(said.remaining), left, remedy)

    def close(self) -> None:
        self.client.close()


def _expiry(text: str) -> datetime | None:
    """When a token ends: ``2026-12-01 00:00:00 UTC`` or with an offset; None if it does not say."""
    try:
        moment = datetime.fromisoformat(text.replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
