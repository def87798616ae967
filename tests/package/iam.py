"""A small reading of IAM: what the policies of the built template allow a role, as far as they use of the language.

Resources stand for themselves: the table RegisterTable has the ARN `RegisterTable.Arn`, and `!Sub "${ContentBucket.Arn}/s/*"`
is `ContentBucket.Arn/s/*`. An operator or an element that is not known here is an error, never a guess.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

STATEMENT = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody wants to do something to something."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policies:
    """The statements that apply to one principal, its own and those of the resources."""

    own: tuple[Mapping[str, Any], ...]
    of_resources: Mapping[str, tuple[Mapping[str, Any], ...]]

    def allow(self, ask: Ask) -> bool:
        """A denial anywhere wins; else some statement has to allow it."""
        theirs = self.of_resources.get(ask.resource, ())
        applying = [one for one in (*self.own, *theirs) if _applies(one, ask)]
        return bool(applying) and all(one["Effect"] == "Allow" for one in applying)


def policies_of(resources: Mapping[str, Any], role: str) -> Policies:
    """Of a role or a managed policy of the template, by its logical id."""
    return Policies(tuple(_statements(resources, role)), _table_policies(resources))


def role_of(resources: Mapping[str, Any], function: str) -> str:
    """The logical id of a function's role."""
    logical: str = resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    return logical


def functions_of(resources: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function")


def _statements(resources: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    properties = resources[name]["Properties"]
    if "PolicyDocument" in properties:
        yield from properties["PolicyDocument"]["Statement"]
        return
    for policy in properties["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    for attached in properties.get("ManagedPolicyArns", ()):
        yield from _statements(resources, attached["Ref"])


def _table_policies(resources: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, Any], ...]]:
    tables = {name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::DynamoDB::Table"}
    return {
        f"{name}.Arn": tuple(properties["ResourcePolicy"]["PolicyDocument"]["Statement"])
        for name, properties in tables.items()
        if "ResourcePolicy" in properties
    }


def _applies(statement: Mapping[str, Any], ask: Ask) -> bool:
    assert set(statement) <= STATEMENT, f"unknown elements: {set(statement) - STATEMENT}"
    assert statement.get("Principal", "*") == "*", "principals are not told apart here"
    return (
        any(fnmatchcase(ask.action.lower(), one.lower()) for one in _many(statement["Action"]))
        and any(fnmatchcase(ask.resource, symbol(one)) for one in _many(statement["Resource"]))
        and all(_holds(operator, keys, ask) for operator, keys in statement.get("Condition", {}).items())
    )


def _holds(operator: str, keys: Mapping[str, Any], ask: Ask) -> bool:
    match operator:
        case "Null":
            return all((key not in ask.context) == (wanted == "true") for key, wanted in keys.items())
        case "StringEquals":
            return all(ask.context.get(key) == symbol(wanted) for key, wanted in keys.items())
        case _:
            raise NotImplementedError(operator)


def symbol(value: Any) -> str:
    """What a value of the template stands for, in one word."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return str(name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": str(text)}:
            return re.sub(r"\$\{([^}]+)\}", r"\1", text)
        case _:
            raise NotImplementedError(value)


def granted(policies: Policies) -> Iterator[tuple[str, str]]:
    """Every action with every resource that the principal's own statements allow it on."""
    for statement in policies.own:
        if statement["Effect"] == "Allow":
            yield from product(_many(statement["Action"]), map(symbol, _many(statement["Resource"])))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
