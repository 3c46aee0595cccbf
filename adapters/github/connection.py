"""One GitHub host and credential."""

from collections.abc import Iterator

from adapters.base import Budget, Capabilities, Check, Connection, Description, Project
from adapters.errors import AdapterError
from adapters.github.client import Client, Options
from adapters.github.project import GitHubProject, capabilities
from adapters.seams import Clock
from mappings.problem import Problem, ProblemError
from mappings.profile import Profile

__all__ = ["GitHubConnection", "Options"]

#: Beyond this our clock and GitHub's disagree enough to confuse people reading times.
SKEW_SECONDS = 30


class GitHubConnection(Connection):
    """Opens repositories by "owner/name". Makes no request until asked something."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self.client = Client(options, clock)
        self.clock = clock
        self.capabilities: Capabilities = capabilities(options)
        self._login = ""

    def login(self) -> str:
        """The account our issues carry as author; asked for once."""
        if not self._login:
            self._login = self.describe().user
        return self._login

    def describe(self) -> Description:
        if self.client.options.app is not None:
            answer = self.client.get("/installation/repositories", {"per_page": 1})
            slug = answer.headers.get("x-github-app-slug", "")
            user = f"{slug}[bot]" if slug else ""
        else:
            answer = self.client.get("/user")
            user = str(answer.data["login"]) if isinstance(answer.data, dict) else ""
        self._login = user
        scopes = answer.headers.get("x-oauth-scopes", "")
        return Description(
            adapter="github",
            user=user,
            url=self.client.options.base_url,
            version=answer.headers.get("x-github-enterprise-version", ""),
            server_time=answer.date(),
            scopes=tuple(one.strip() for one in scopes.split(",") if one.strip()),
        )

    def open(self, project: str, profile: Profile) -> Project:
        owner, _, name = project.partition("/")
        if not owner or not name or "/" in name:
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
        yield Check("token", True, f"{me.user or 'App'} at {me.url}{scopes}")
        if me.server_time:
            skew = abs((self.clock.now() - me.server_time).total_seconds())
            detail = f"{skew:.0f} s apart from GitHub's"
            yield Check("clock", skew <= SKEW_SECONDS, detail, "Set this machine's clock.")
        said = self.budget()
        if said.limit is not None:
            left = f"{said.remaining} of {said.limit} requests left"
            yield Check("rate limit", (said.remaining or 0) > 0, left, "Wait for the reset.")

    def close(self) -> None:
        self.client.close()
