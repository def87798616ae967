from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.authority.model import SCOPES, ApiKey, Caller, PresentedKey, Role, Scope
from functions.errors import Forbidden
from functions.ids import TenantId

TENANT = TenantId("aaaaaaaaaaaa")
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = PresentedKey(TENANT, "0123456789ab", "s" * 43)


def kept(role: Role = Role.EDITOR, scopes: frozenset[Scope] = frozenset()) -> ApiKey:
    return ApiKey.of(KEY, label="shop", role=role, scopes=scopes, now=NOW)


def test_a_new_key_is_read_back_as_it_is_written() -> None:
    key = PresentedKey.new(TENANT)

    assert PresentedKey.parse(str(key)) == key
    assert str(key).startswith("ck_aaaaaaaaaaaa_")


def test_new_keys_never_repeat() -> None:
    assert len({PresentedKey.new(TENANT).secret for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ck_",
        str(KEY)[:-1],
        str(KEY) + "s",
        str(KEY) + "\n",
        " " + str(KEY),
        str(KEY).replace("ck_", "pk_"),
        str(KEY).replace("aaaaaaaaaaaa", "AAAAAAAAAAAA"),
        str(KEY).replace("aaaaaaaaaaaa", "a#aaaaaaaaaa"),
        str(KEY).replace("0123456789ab", "0123456789aB"),
        str(KEY).replace(".", "_"),
        str(KEY).replace("s", "ы"),
        "eyJhbGciOiJub25lIn0.e30.",
    ],
)
def test_what_cannot_be_a_key_is_none(text: str) -> None:
    assert PresentedKey.parse(text) is None


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=90))
def test_no_text_upsets_the_parser(text: str) -> None:
    assert PresentedKey.parse(text) is None


def test_only_the_digest_of_the_secret_is_kept_and_not_even_that_is_shown() -> None:
    key = kept()

    assert key.digest == sha256(b"s" * 43).hexdigest()
    assert KEY.secret not in str(key.to_json())
    assert key.digest not in str(key.shown())


def test_a_kept_key_opens_for_the_one_it_was_made_of_and_no_other() -> None:
    key = kept()

    assert key.opens_for(KEY)
    assert not key.opens_for(PresentedKey(TENANT, KEY.prefix, "t" + "s" * 42))
    assert not key.opens_for(PresentedKey(TENANT, KEY.prefix, KEY.digest))


def test_a_revoked_key_opens_for_nobody_and_keeps_its_first_date() -> None:
    key = kept().revoked(NOW)

    assert not key.opens_for(KEY)
    assert key.revoked(NOW + timedelta(days=1)).revoked_at == NOW


@pytest.mark.parametrize("key", [kept(), kept(Role.OWNER, frozenset({Scope.KEYS_READ})), kept().revoked(NOW)])
def test_a_key_goes_through_json_and_back(key: ApiKey) -> None:
    assert ApiKey.from_json(key.to_json()) == key


@pytest.mark.parametrize("role", list(Role))
def test_a_key_never_holds_more_than_its_role(role: Role) -> None:
    assert kept(role, frozenset(Scope)).scopes == SCOPES[role]
    assert kept(role).scopes == SCOPES[role]
    assert kept(role, frozenset({Scope.POLICIES_READ})).scopes == {Scope.POLICIES_READ} & SCOPES[role]


def test_a_key_asked_for_with_rights_its_role_has_none_of_has_none() -> None:
    assert kept(Role.AUDITOR, frozenset({Scope.KEYS_WRITE})).scopes == frozenset()


def test_an_owner_holds_everything_and_an_auditor_changes_nothing() -> None:
    assert SCOPES[Role.OWNER] == frozenset(Scope)
    assert not [scope for scope in SCOPES[Role.AUDITOR] if scope.endswith(":write")]


def test_an_editor_sees_neither_the_register_nor_the_keys() -> None:
    assert not SCOPES[Role.EDITOR] & {Scope.REGISTER_READ, Scope.KEYS_READ, Scope.KEYS_WRITE, Scope.TENANT_WRITE}


def test_only_an_owner_makes_keys() -> None:
    assert [role for role in Role if Scope.KEYS_WRITE in SCOPES[role]] == [Role.OWNER]


def test_a_caller_is_let_through_for_what_they_hold_and_told_what_they_lack() -> None:
    caller = Caller(TENANT, "key:x", frozenset({Scope.POLICIES_READ}))

    caller.must_hold(Scope.POLICIES_READ)
    with pytest.raises(Forbidden, match="policies:write"):
        caller.must_hold(Scope.POLICIES_WRITE)
