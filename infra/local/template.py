"""The template that deploys, resolved for an engine that knows no CloudFormation."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.template import merged, part

# The account that moto plays, and that MiniStack plays for an access key of twelve digits.
ACCOUNT = "123456789012"
VARIABLE = re.compile(r"\$\{([A-Za-z0-9:.]+)\}")


class Unresolvable(LookupError):
    """The template uses something that only a deployment can answer."""


@dataclass(frozen=True, slots=True)
class Template:
    """Parameters with their defaults, and resources by logical id."""

    parameters: Mapping[str, str]
    resources: Mapping[str, Mapping[str, Any]]

    @classmethod
    def read(cls, parameters: Mapping[str, str] | None = None) -> "Template":
        """What the platform is made of and what its functions are; parameters as a deployment would give them."""
        document = merged(part("resources.yaml"), part("functions.yaml"))
        defaults = {name: one["Default"] for name, one in document["Parameters"].items() if "Default" in one}
        return cls({**defaults, **(parameters or {})}, document["Resources"])


# What the engine says of a resource: by logical id and attribute; the attribute `Ref` is what !Ref gives.
Attribute = Callable[[str, str], str]


def resolve(value: Any, attribute: Attribute) -> Any:  # noqa: ANN401 - any part of a template
    """Replace !Ref, !GetAtt and !Sub by what they stand for; raises `Unresolvable` for any other function."""
    match value:
        case {"Ref": name}:
            return attribute(name, "Ref")
        case {"Fn::GetAtt": [name, *path]}:
            return attribute(name, ".".join(path))
        case {"Fn::Sub": str(text)}:
            return VARIABLE.sub(lambda found: attribute(*_variable(found[1])), text)
        case dict():
            return {_plain(key): resolve(one, attribute) for key, one in value.items()}
        case list():
            return [resolve(one, attribute) for one in value]
        case _:
            return value


def _variable(name: str) -> tuple[str, str]:
    logical, _, path = name.partition(".")
    return logical, path or "Ref"


def _plain(key: str) -> str:
    if key.startswith("Fn::"):
        raise Unresolvable(f"The local stack cannot answer {key}.")
    return key
