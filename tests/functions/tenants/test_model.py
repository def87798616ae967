import ipaddress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ids import TenantId
from functions.schema import Schema
from functions.tenants.model import IpMode, Tenant, truncated


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("203.0.113.0", "203.0.113.0/24"),
        ("2001:db8:1234:5678:9abc:def0:1:2", "2001:db8:1234::/48"),
        ("::1", "::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("2001:0DB8::1", "2001:db8::/48"),
    ],
)
def test_an_address_loses_its_end(address: str, kept: str) -> None:
    assert truncated(address) == kept


@pytest.mark.parametrize(
    "address", ["", "unknown", "203.0.113", "203.0.113.256", "203.0.113.77, 10.0.0.1", "203.0.113.077", "1", "::1/64"]
)
def test_what_is_no_address_is_nothing(address: str) -> None:
    assert truncated(address) == ""


@settings(deadline=None, max_examples=150)
@given(st.ip_addresses())
def test_many_visitors_share_what_is_kept_and_all_of_it_is_true(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    network = ipaddress.ip_network(truncated(str(address)))

    assert network.num_addresses >= 256
    mapped = getattr(address, "ipv4_mapped", None)
    assert (mapped or address) in network


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=50))
def test_no_text_upsets_it(text: str) -> None:
    assert truncated(text) == "" or "/" in truncated(text)


def test_an_address_with_a_zone_keeps_no_zone() -> None:
    assert truncated("fe80::1%eth0") in {"", "fe80::/48"}


def test_the_least_is_kept_unless_the_merchant_says_otherwise() -> None:
    assert Tenant(TenantId("aaaaaaaaaaaa"), "A").ip_mode is IpMode.TRUNCATE


def test_a_tenant_goes_through_json_and_back() -> None:
    tenant = Tenant(TenantId("aaaaaaaaaaaa"), "Магазин", {"company": "A"}, ("opt-in",), IpMode.KEYED_HASH)

    body = tenant.to_json()

    assert Tenant.from_json(tenant.id, body) == tenant
    Schema("tenants/schemas/tenant.json").check({"version": 1, **body})


def test_the_schema_knows_exactly_the_ip_modes_that_there_are() -> None:
    assert Schema("tenants/schemas/tenant.json").document()["properties"]["ip_mode"]["enum"] == [mode.value for mode in IpMode]
