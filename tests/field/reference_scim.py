"""Users and groups as the application's own JSON has them."""

import json
from pathlib import Path
from typing import Any

from samples import Answer

#: Where the application says other than the sample, and why: file, id, field.
DIFFERENT: dict[tuple[str, str, str], str] = {}


def arguments(file: Path) -> list[str]:
    return [str(file)]


def stored(answers: list[Answer]) -> list[dict[str, Any]]:
    """What the sample makes of the resources of an application."""
    return [
        {
            "type": answer.shown["type"].removeprefix("scim."),
            "name": answer.shown["code_name"],
            "title": answer.shown.get("display_name"),
            **answer.fields,
            "members": [
                next(iter(value.values())) for child in answer.shown.get("children", []) for value in child["fields"].values()
            ],
        }
        for answer in answers
        if answer.shown
    ]


def compared(file: Path, resources: list[dict[str, Any]], used: set[tuple[str, ...]]) -> list[str]:
    """What the application says otherwise."""
    application = json.loads(file.read_text(encoding="utf-8"))
    complaints = []
    for resource in resources:
        kind = "Users" if resource["type"] == "user" else "Groups"
        said = application[kind].pop(resource["scim_id"])
        pairs = [("externalId", said.get("externalId"), resource.get("external_id"))]
        if kind == "Users":
            pairs.append(("userName", said["userName"], resource["user_name"]))
            pairs.append(("active", str(said.get("active")).lower(), str(resource.get("active")).lower()))
            pairs.append(("givenName", (said.get("name") or {}).get("givenName"), resource.get("given_name")))
        else:
            pairs.append(("displayName", said["displayName"], resource["title"]))
            pairs.append(("members", sorted(member["value"] for member in said.get("members") or []), sorted(resource["members"])))
        for field, right, got in pairs:
            if right != got and (key := (file.name, resource["scim_id"], field)) in DIFFERENT:
                used.add(key)
            elif right != got:
                complaints.append(f"{resource['scim_id']}: {field} is {got!r}, and the application says {right!r}")
    left = [id for resources in application.values() for id in resources]
    return complaints + ([f"not stored: {left}"] if left else [])
