import hashlib
import json
import ssl
from base64 import b64encode
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPSConnection

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.local.origins.http import Request
from infra.local.recorder import Recorder
from infra.local.recorder.answers import answer
from infra.local.recorder.vendors import imprint_of


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with Recorder(hosts=["*.vendor.test"]) as running:
        yield running


def ask(recorder: Recorder, target: str, method: str = "GET", **headers: str) -> bytes:
    connection = HTTPConnection("127.0.0.1", recorder.http_port)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, target, headers={"Host": "ads.vendor.test", **named})
    body = connection.getresponse().read()
    connection.close()
    return body


@pytest.mark.parametrize(
    ("destination", "target", "status", "content_type"),
    [
        ("script", "/tag", 200, "text/javascript; charset=utf-8"),
        ("worker", "/tag", 200, "text/javascript; charset=utf-8"),
        ("style", "/tag", 200, "text/css; charset=utf-8"),
        ("image", "/tag.js", 200, "image/gif"),
        ("font", "/tag", 200, "font/woff2"),
        ("iframe", "/tag", 200, "text/html; charset=utf-8"),
        ("object", "/tag", 200, "text/html; charset=utf-8"),
        ("empty", "/tag.json", 200, "application/json"),
        ("empty", "/tag", 204, None),
        ("", "/tag.js?v=2", 200, "text/javascript; charset=utf-8"),
    ],
)
def test_a_third_party_answers_what_it_is_asked_for(
    destination: str, target: str, status: int, content_type: str | None
) -> None:
    answered = answer(Request("GET", target, {"host": "ads.vendor.test", "sec-fetch-dest": destination}))

    assert (answered.status, answered.headers.get("Content-Type")) == (status, content_type)


def test_what_is_sent_to_a_third_party_is_swallowed() -> None:
    answered = answer(Request("POST", "/collect.json", {"host": "ads.vendor.test", "sec-fetch-dest": "empty"}, b"{}"))

    assert (answered.status, answered.body) == (204, b"")


def test_a_third_party_is_open_to_every_origin_with_credentials_and_sets_a_cookie_across_sites() -> None:
    headers = {"host": "ads.vendor.test", "origin": "https://shop.test"}

    answered = answer(Request("GET", "/tag.js", headers, scheme="https"))

    assert answered.headers["Access-Control-Allow-Origin"] == "https://shop.test"
    assert answered.headers["Access-Control-Allow-Credentials"] == "true"
    assert answered.headers["Set-Cookie"] == "third_party=1; Path=/; SameSite=None; Secure"


def test_a_preflight_is_allowed_what_it_asks_for() -> None:
    headers = {"host": "ads.vendor.test", "origin": "https://shop.test", "access-control-request-headers": "x-tag"}

    answered = answer(Request("OPTIONS", "/collect", headers))

    assert (answered.status, answered.headers["Access-Control-Allow-Headers"]) == (204, "x-tag")


def test_a_vendors_script_leaves_what_the_real_one_leaves_and_any_other_its_own_name() -> None:
    assert imprint_of("www.googletagmanager.com", "/gtag/js").cookies == ("_ga", "_ga_DEM0SH0P00")
    assert imprint_of("bat.bing.com", "/bat.js").constructors == ("UET",)
    assert imprint_of("ads.vendor.test", "/tag.js").cookies == ("third_party_ads_vendor_test",)


def test_requests_are_kept_in_order_with_what_the_browser_said_of_them(recorder: Recorder) -> None:
    ask(recorder, "/first?a=1", Sec_Fetch_Dest="script", Cookie="id=7", Referer="https://shop.test/")
    ask(recorder, "/second", "POST", Sec_Fetch_Dest="empty", Sec_Purpose="prefetch")

    first, second = recorder.seen()
    assert (first.method, first.url, first.dest) == ("GET", "http://ads.vendor.test/first?a=1", "script")
    assert (first.path, first.cookie, first.referer) == ("/first", "id=7", "https://shop.test/")
    assert (second.method, second.target, second.purpose) == ("POST", "/second", "prefetch")
    assert first.at <= second.at


def test_clearing_forgets_everything(recorder: Recorder) -> None:
    ask(recorder, "/first")

    recorder.clear()

    assert recorder.seen() == []


def test_waiting_ends_with_the_request_waited_for(recorder: Recorder) -> None:
    ask(recorder, "/first")

    assert [one.path for one in recorder.wait_until(lambda seen: len(seen) == 1, seconds=5)] == ["/first"]
    assert recorder.wait_until(lambda seen: len(seen) == 2, seconds=0) == recorder.seen()


def test_looking_at_what_was_seen_is_not_recorded(recorder: Recorder) -> None:
    ask(recorder, "/old")
    ask(recorder, "/new?<b>")

    page = ask(recorder, "/__seen").decode()
    listed = json.loads(ask(recorder, "/__seen.json"))

    assert page.index("/new?&lt;b&gt;") < page.index("/old")
    assert "2 requests to third parties" in page
    assert [one["url"] for one in listed] == ["http://ads.vendor.test/old", "http://ads.vendor.test/new?<b>"]


def test_the_certificate_is_for_the_hosts_and_its_key_is_the_one_that_chromium_is_told(recorder: Recorder) -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = HTTPSConnection("127.0.0.1", recorder.https_port, context=context)
    connection.request("GET", "/tag.js", headers={"Host": "ads.vendor.test"})
    connection.getresponse().read()
    shown = connection.sock.getpeercert(binary_form=True)
    connection.close()

    assert isinstance(shown, bytes)
    certificate = x509.load_der_x509_certificate(shown)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert names.get_values_for_type(x509.DNSName) == ["*.vendor.test", "localhost"]
    assert b64encode(hashlib.sha256(public).digest()).decode() == recorder.spki
    assert any(recorder.spki in argument for argument in recorder.chromium_arguments())
    assert [one.url for one in recorder.seen()] == ["https://ads.vendor.test/tag.js"]
