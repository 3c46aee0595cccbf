"""Recording and replaying HTTP, with everything secret taken out before it is written."""

import re
from pathlib import Path

import vcr

CASSETTES = Path(__file__).parents[2] / "cassettes"

#: Where a sandbox is recorded: at one port always, so that its entity tags and links are the same
#: each time.
PORT = 4701
HOME = f"http://127.0.0.1:{PORT}"
REDACTED = "REDACTED"

#: Request headers that name somebody, and answer headers that set or tell something about them.
_TELLING_REQUEST = ("authorization", "private-token", "job-token", "cookie", "proxy-authorization")
_TELLING_RESPONSE = ("set-cookie", "x-github-sso", "github-authentication-token-expiration")

#: What a secret looks like. docs.github.com "token formats"; JSON web tokens; PEM keys.
SECRET_SHAPES = (
    re.compile(r"gh[pousr]_(?!REDACTED)[A-Za-z0-9]{6,}"),
    re.compile(r"github_pat_(?!REDACTED)[A-Za-z0-9_]{6,}"),
    re.compile(r"gl(?:pat|ptt)-(?!REDACTED)[A-Za-z0-9_-]{6,}"),
    re.compile(r"AT[AC]TT(?!REDACTED)[A-Za-z0-9_=-]{6,}"),
    re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\."),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    re.compile(r"(?i)authorization_request=(?!REDACTED)\w"),
)


def secrets_in(text):
    """What in a text looks like a secret."""
    return [match[0] for shape in SECRET_SHAPES for match in shape.finditer(text)]


def scrubbed(text):
    """The text with token values replaced by ones that open nothing."""
    text = re.sub(r"\b(gh[pousr]_|github_pat_)[A-Za-z0-9_]{6,}", rf"\g<1>{REDACTED}", text)
    text = re.sub(r"\b(gl(?:pat|ptt)-)[A-Za-z0-9_-]{6,}", rf"\g<1>{REDACTED}", text)
    return re.sub(r"(authorization_request=)[^&\s\"']+", rf"\g<1>{REDACTED}", text)


def recorder(*, mode):
    """A VCR that takes secrets out of all it keeps. ``mode`` is "all" or "none"."""

    def request(asked):
        asked.headers = {
            name: value for name, value in asked.headers.items() if name.lower() != "host"
        }
        return asked

    def response(answer):
        answer["headers"] = {
            name: [scrubbed(one) for one in values]
            for name, values in answer["headers"].items()
            if name.lower() not in _TELLING_RESPONSE and name.lower() != "content-length"
        }
        body = answer["body"]["string"]
        if body:
            answer["body"]["string"] = scrubbed(body.decode("utf-8")).encode("utf-8")
        return answer

    return vcr.VCR(
        record_mode=mode,
        match_on=("method", "host", "port", "path", "query", "body"),
        filter_headers=[(name, REDACTED) for name in _TELLING_REQUEST],
        before_record_request=request,
        before_record_response=response,
        decode_compressed_response=True,
        serializer="yaml",
    )
