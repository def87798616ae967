"""A small reading of IAM: what the policies of the built template allow a role, as far as they use of the language.

Resources stand for themselves: the table RegisterTable has the ARN `RegisterTable.Arn`, and `!Sub "${ContentBucket.Arn}/s/*"`
is `ContentBucket.Arn/s/*`. An operator or an element that is not known here is an error, never a guess.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import product
from typing import Any

STATEMENT = {"Sid", "Effect", "Action", "Resource", "Condition", "Principal"}
ROLE, MANAGED = "AWS::IAM::Role", "AWS::IAM::ManagedPolicy"
# What the statement of an account's own key says: IAM decides, which is what the rest of this module is about.
ACCOUNT = "arn:AWS::Partition:iam::AWS::AccountId:root"
PRINCIPAL = "aws:PrincipalArn"

Statement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody wants to do something to something."""

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Policies:
    """The statements that apply to one principal, its own and those of the resources by their ARNs."""

    principal: str
    own: tuple[Statement, ...]
    of_resources: Mapping[str, tuple[Statement, ...]]

    def allow(self, ask: Ask) -> bool:
        """A denial anywhere wins; else some statement has to allow it."""
        theirs = (one for arn, statements in self.of_resources.items() if _belongs(ask.resource, arn) for one in statements)
        known = Ask(
            ask.action, ask.resource, {PRINCIPAL: f"{self.principal}.Arn", "aws:SecureTransport": "true", **ask.context}
        )
        applying = [one for one in (*self.own, *theirs) if _applies(one, known)]
        return bool(applying) and all(one["Effect"] == "Allow" for one in applying)

    def alone(self) -> "Policies":
        """What the principal holds, whatever a resource says to it."""
        return replace(self, of_resources={})


def policies_of(resources: Mapping[str, Any], name: str) -> Policies:
    """Of a role or a managed policy of the template, by its logical id."""
    return Policies(name, tuple(_statements(resources, name)), dict(_of_resources(resources)))


def almighty(resources: Mapping[str, Any]) -> Policies:
    """Somebody whose own policies allow everything: whatever is refused to them, the resources refuse to everybody."""
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    return Policies("Almighty", (everything,), dict(_of_resources(resources)))


def role_of(resources: Mapping[str, Any], function: str) -> str:
    """The logical id of a function's role."""
    logical: str = resources[function]["Properties"]["Role"]["Fn::GetAtt"][0]
    return logical


def functions_of(resources: Mapping[str, Any]) -> list[str]:
    return sorted(name for name, one in resources.items() if one["Type"] == "AWS::Serverless::Function")


def principals_of(resources: Mapping[str, Any]) -> list[str]:
    """Every role, and every managed policy that a person could be given."""
    attached = {
        policy["Ref"] for one in resources.values() for policy in one.get("Properties", {}).get("ManagedPolicyArns", ())
    }
    loose = {
        name
        for name, one in resources.items()
        if one["Type"] == MANAGED and "Roles" not in one["Properties"] and name not in attached
    }
    return sorted(loose | {name for name, one in resources.items() if one["Type"] == ROLE})


def _statements(resources: Mapping[str, Any], name: str) -> Iterator[Statement]:
    properties = resources[name]["Properties"]
    if "PolicyDocument" in properties:
        yield from properties["PolicyDocument"]["Statement"]
        return
    for policy in properties["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]
    for attached in (*(policy["Ref"] for policy in properties.get("ManagedPolicyArns", ())), *_attached_to(resources, name)):
        yield from _statements(resources, attached)


def _attached_to(resources: Mapping[str, Any], role: str) -> list[str]:
    """Managed policies that name the role, rather than being named by it."""
    managed = {name: one["Properties"].get("Roles", ()) for name, one in resources.items() if one["Type"] == MANAGED}
    return [name for name, roles in managed.items() if {"Ref": role} in roles]


def _of_resources(resources: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Statement, ...]]]:
    for name, one in resources.items():
        properties = one.get("Properties", {})
        match one["Type"]:
            case "AWS::DynamoDB::Table" if "ResourcePolicy" in properties:
                yield f"{name}.Arn", tuple(properties["ResourcePolicy"]["PolicyDocument"]["Statement"])
            case "AWS::KMS::Key":
                yield f"{name}.Arn", tuple(properties["KeyPolicy"]["Statement"])
            case "AWS::S3::BucketPolicy":
                yield f"{symbol(properties['Bucket'])}.Arn", tuple(properties["PolicyDocument"]["Statement"])
            case _:
                pass  # none that has a policy of its own


def _belongs(resource: str, arn: str) -> bool:
    """An object's bucket is asked as well."""
    return resource == arn or resource.startswith(f"{arn}/")


def _applies(statement: Statement, ask: Ask) -> bool:
    assert set(statement) <= STATEMENT, f"unknown elements: {set(statement) - STATEMENT}"
    return (
        _concerns_roles(statement.get("Principal", "*"))
        and any(fnmatchcase(ask.action.lower(), one.lower()) for one in many(statement["Action"]))
        and any(fnmatchcase(ask.resource, symbol(one)) for one in many(statement["Resource"]))
        and all(_holds(operator, keys, ask) for operator, keys in statement.get("Condition", {}).items())
    )


def _concerns_roles(principal: Any) -> bool:
    """Whether a statement of a resource is about everybody; principals are not told apart otherwise."""
    match principal:
        case "*":
            return True
        case {"Service": _}:
            return False
        case {"AWS": account} if symbol(account) == ACCOUNT:
            return False
        case _:
            raise NotImplementedError(principal)


def _holds(operator: str, keys: Mapping[str, Any], ask: Ask) -> bool:
    match operator:
        case "Null":
            return all((key not in ask.context) == (wanted == "true") for key, wanted in keys.items())
        case "StringEquals" | "Bool":
            return all(ask.context.get(key) == symbol(wanted) for key, wanted in keys.items())
        case "ForAllValues:StringLike":
            # Of a key that is not there, all values are like anything.
            return all(key not in ask.context or fnmatchcase(ask.context[key], wanted) for key, wanted in keys.items())
        case "ArnNotEquals":
            return all(ask.context.get(key) != symbol(wanted) for key, wanted in keys.items())
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
            yield from product(many(statement["Action"]), map(symbol, many(statement["Resource"])))


def many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
