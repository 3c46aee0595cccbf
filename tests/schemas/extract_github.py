"""Cut the addresses we use out of GitHub's own API description, as compact JSON Schema.

    npm pack @octokit/openapi@23.0.2 && tar xzf octokit-openapi-23.0.2.tgz
    python tests/schemas/extract_github.py package/generated/api.github.com.json

writes ``tests/schemas/github.json`` anew. What OpenAPI 3.0 says with ``nullable`` is said with
``null`` among the types; descriptions and examples are left out.
"""

import json
import sys
from pathlib import Path

SOURCE = "npm @octokit/openapi@23.0.2, generated/api.github.com.json"
LICENCE = "MIT, see LICENSE.github; the description itself is github/rest-api-description (MIT)"

REPO = "/repos/{owner}/{repo}"
ISSUE = f"{REPO}/issues/{{issue_number}}"
WANTED = {
    "/": ("get",),
    "/user": ("get",),
    "/users/{username}": ("get",),
    "/rate_limit": ("get",),
    "/installation/repositories": ("get",),
    "/app/installations/{installation_id}/access_tokens": ("post",),
    "/orgs/{org}/issue-fields": ("get",),
    REPO: ("get",),
    f"{REPO}/assignees": ("get",),
    f"{REPO}/issues": ("get", "post"),
    f"{REPO}/issues/comments": ("get",),
    f"{REPO}/issues/comments/{{comment_id}}": ("get", "patch"),
    f"{REPO}/issues/events": ("get",),
    f"{REPO}/issues/events/{{event_id}}": ("get",),
    ISSUE: ("get", "patch"),
    f"{ISSUE}/assignees": ("post", "delete"),
    f"{ISSUE}/comments": ("get", "post"),
    f"{ISSUE}/events": ("get",),
    f"{ISSUE}/issue-field-values": ("get", "post", "put"),
    f"{ISSUE}/labels": ("get", "post", "put"),
    f"{ISSUE}/labels/{{name}}": ("delete",),
    f"{ISSUE}/parent": ("get",),
    f"{ISSUE}/sub_issue": ("delete",),
    f"{ISSUE}/sub_issues": ("get", "post"),
    f"{ISSUE}/sub_issues/priority": ("patch",),
    f"{ISSUE}/timeline": ("get",),
    f"{REPO}/labels": ("get", "post"),
    f"{REPO}/labels/{{name}}": ("get", "patch"),
    f"{REPO}/milestones": ("get", "post"),
    f"{REPO}/milestones/{{milestone_number}}": ("get", "patch"),
}

#: What a description says to people only.
NOISE = {
    "description",
    "example",
    "examples",
    "title",
    "externalDocs",
    "deprecated",
    "x-github",
    "x-multi-segment",
    "x-githubEnterpriseOnly",
    "readOnly",
}


def main() -> None:
    description = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    kept: dict[str, object] = {}
    operations = {}
    for path, methods in WANTED.items():
        for method in methods:
            operation = description["paths"][path][method]
            name = f"{method.upper()} {path}"
            operations[name] = {
                status: plain(schema, description, kept)
                for status, response in operation["responses"].items()
                if (schema := schema_of(response, description)) is not None
            }
            body = operation.get("requestBody")
            if body is not None and (schema := schema_of(body, description)) is not None:
                operations[name]["request"] = plain(schema, description, kept)
    extract = {
        "source": SOURCE,
        "licence": LICENCE,
        "operations": operations,
        "schemas": dict(sorted(kept.items())),
    }
    text = json.dumps(extract, ensure_ascii=False, separators=(",", ":"))
    Path(__file__).with_name("github.json").write_text(text + "\n", "utf-8")


def schema_of(part, description):
    """The JSON schema of a response or request body, None where it has none."""
    if "$ref" in part:
        part = resolve(part["$ref"], description)
    return part.get("content", {}).get("application/json", {}).get("schema")


def resolve(reference, description):
    found = description
    for step in reference.removeprefix("#/").split("/"):
        found = found[step]
    return found


def plain(schema, description, kept):
    """The schema as JSON Schema, its references pointing into the extract."""
    if isinstance(schema, list):
        return [plain(each, description, kept) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in kept:
            kept[name] = {}
            kept[name] = plain(resolve(schema["$ref"], description), description, kept)
        return {"$ref": f"#/schemas/{name}"}
    found = {
        key: named(value, description, kept)
        if key == "properties"
        else plain(value, description, kept)
        for key, value in schema.items()
        if key not in NOISE and key != "nullable"
    }
    return or_null(found) if schema.get("nullable") else found


def named(properties, description, kept):
    """Properties by name: a property may well be called "title" or "description"."""
    return {name: plain(value, description, kept) for name, value in properties.items()}


def or_null(schema):
    if isinstance(schema.get("type"), str) and not {"allOf", "anyOf", "oneOf"} & set(schema):
        if "enum" in schema and None not in schema["enum"]:
            schema["enum"] = [*schema["enum"], None]
        return schema | {"type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


if __name__ == "__main__":
    main()
