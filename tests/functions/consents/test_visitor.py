import pytest

from functions.consents.email import canonical
from functions.consents.visitor import LONGEST, Visitor
from functions.errors import Invalid
from functions.tenants.model import IpMode
from tests.support.aws import Account

HEADERS = {"user-agent": "Firefox", "accept-language": "bg", "cookie": "secret", "sec-ch-ua-platform": '"Linux"'}


def visitor(ip: str = "203.0.113.77", **headers: str) -> Visitor:
    told = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    return Visitor.of(ip, lambda name: told.get(name, ""))


@pytest.mark.parametrize(
    ("mode", "address"),
    [
        (IpMode.TRUNCATE, "203.0.113.0/24"),
        (IpMode.FULL, "203.0.113.77"),
        (IpMode.NONE, None),
    ],
)
def test_as_much_of_the_address_is_kept_as_the_tenants_mode_says(tenant: Account, mode: IpMode, address: str | None) -> None:
    assert visitor().personal(mode, tenant.keys).get("ip") == address


def test_a_hashed_address_tells_nothing_and_differs_from_tenant_to_tenant(tenant: Account, neighbour: Account) -> None:
    ours = visitor().personal(IpMode.KEYED_HASH, tenant.keys)["ip"]

    assert ours == visitor().personal(IpMode.KEYED_HASH, tenant.keys)["ip"]
    assert ours != visitor().personal(IpMode.KEYED_HASH, neighbour.keys)["ip"]
    assert "203" not in str(ours)[:3]


@pytest.mark.parametrize(
    ("address", "kept"),
    [("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"), ("::ffff:203.0.113.77", "203.0.113.0/24"), ("unknown", None)],
)
def test_an_ipv6_address_keeps_its_first_48_bits_and_a_mapped_one_is_ipv4(
    tenant: Account, address: str, kept: str | None
) -> None:
    assert visitor(address).personal(IpMode.TRUNCATE, tenant.keys).get("ip") == kept


def test_the_imprint_is_made_of_headers_that_every_browser_sends_and_of_no_other(tenant: Account) -> None:
    device = visitor().personal(IpMode.NONE, tenant.keys)["device"]

    assert isinstance(device, dict)
    assert set(device) == {"user_agent", "languages", "platform", "imprint"}
    assert visitor(cookie="other").personal(IpMode.NONE, tenant.keys)["device"] == device
    assert visitor(user_agent="Chrome").personal(IpMode.NONE, tenant.keys)["device"] != device


def test_a_header_is_kept_up_to_a_length() -> None:
    assert visitor(user_agent="x" * 5000).device["user_agent"] == "x" * LONGEST


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("ann@example.com", "ann@example.com"),
        ("Ann@EXAMPLE.com", "Ann@example.com"),
        ("ann@b\u00fccher.example", "ann@xn--bcher-kva.example"),
        ("ann+shop@example.com", "ann+shop@example.com"),
    ],
)
def test_an_address_has_one_form(typed: str, kept: str) -> None:
    assert canonical(typed) == kept


@pytest.mark.parametrize(
    "typed", ["zoe", "ann@@example.com", "ann@localhost", "\u0430nn@example.com", "ann@exam ple.com", "ann@example.com\nBcc: x"]
)
def test_what_cannot_be_an_address_is_refused_without_being_repeated(typed: str) -> None:
    with pytest.raises(Invalid) as refusal:
        canonical(typed)

    assert typed not in str(refusal.value)
