"""RFC 3161 time-stamps of a real authority (`openssl ts`), under the certificate that is brought and under none."""

from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from functions.cli.verify import SEQUENCE, Der, Fails, Token
from tests.support.receipts import Authority, Shop, as_file
from tests.support.verifiers import Case, Told, told, verdict_of

# A hundred thousand empty elements, which are read in one go.
CROWD = b64encode(b"\x30\x83\x03\x0d\x40" + b"\x05\x00" * 100_000).decode()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("authorities")


@pytest.fixture(scope="session", params=[("RSA", "sha256"), ("RSA", "sha512"), ("EC", "sha256")], ids="-".join)
def authority(request: pytest.FixtureRequest, folder: Path) -> Authority:
    algorithm, digest = request.param
    return Authority.opened(folder / f"{algorithm}-{digest}", algorithm=algorithm, digest=digest)


@pytest.fixture(scope="session")
def stranger(folder: Path) -> Authority:
    return Authority.opened(folder / "stranger", name="Another authority", algorithm="EC")


def checked(document: dict[str, Any], *certificates: Path) -> Told:
    return told(verdict_of(Case(as_file(document)), certificates=certificates))


@pytest.mark.parametrize("size", [6, 8, 12])
def test_a_time_stamp_is_proven_under_the_authoritys_certificate_and_shows_that_there_is_one_log(
    authority: Authority, size: int
) -> None:
    shop = Shop()
    receipt = shop.receipt(anchors=[shop.anchor(authority, size)])

    with_root = checked(receipt, authority.certificate)
    with_signer = checked(receipt, authority.folder / "tsa.pem")
    alone = checked(receipt)

    assert with_root == with_signer
    assert (with_root.exit_code, with_root.of("anchor"), with_root.of("token")) == (0, ["holds"], ["holds"])
    assert with_root.of("only_log") == []
    assert (alone.exit_code, alone.of("anchor"), alone.of("token"), alone.of("only_log")) == (0, ["holds"], ["open"], ["open"])


def test_an_anchor_from_before_the_record_says_nothing_of_what_came_later(authority: Authority) -> None:
    shop = Shop()

    found = checked(shop.receipt(anchors=[shop.anchor(authority, 3)]), authority.certificate)

    assert (found.of("token"), found.of("only_log")) == (["holds"], ["open"])


def test_an_authority_that_has_stamped_nothing_with_the_record_in_it_was_brought_in_vain(authority: Authority) -> None:
    shop = Shop()
    early, later = shop.anchor(authority, 3), shop.anchor(authority, 8)

    for anchors in ([], [early]):
        found = checked(shop.receipt(anchors=anchors), authority.certificate)

        assert (found.exit_code, found.of("authority")) == (1, ["unproven"])
    assert checked(shop.receipt(anchors=[early, later]), authority.certificate).exit_code == 0
    assert checked(shop.receipt(proof=None), authority.certificate).of("authority") == ["unproven"]


def test_another_certificate_of_the_same_key_and_number_is_not_the_one_the_signer_named(tmp_path: Path) -> None:
    authority, shop = replace(Authority.opened(tmp_path, algorithm="EC"), encloses=False), Shop()
    receipt = shop.receipt(anchors=[shop.anchor(authority, 8)])
    named = checked(receipt, tmp_path / "tsa.pem")

    authority.certify("stamping")
    another = verdict_of(Case(as_file(receipt)), certificates=[tmp_path / "tsa.pem"])

    assert (named.exit_code, named.of("token")) == (0, ["holds"])
    assert (another.exit_code, told(another).of("token")) == (1, ["fails"])
    assert "does not name the certificate of its signer" in another.text()


def test_a_token_alone_is_as_good_as_the_whole_answer(authority: Authority) -> None:
    answer = authority.token(b"checkpoint")
    token = Der.only(answer, SEQUENCE).inside()[1].raw

    assert token != answer
    assert Token.parse(token) == Token.parse(answer)


def test_a_forked_and_signed_again_log_is_refused_by_the_anchor_of_the_genuine_one(authority: Authority) -> None:
    genuine, forked = Shop(), Shop(what="a record of the rewritten log")
    anchor = genuine.anchor(authority, 8)
    joined_anew = {**anchor, "consistency": forked.log.consistency(8)}

    for forged in (anchor, joined_anew, {**genuine.anchor(authority, 12), "consistency": []}):
        found = checked(forked.receipt(anchors=[forged]))

        assert (found.exit_code, found.of("anchor")) == (1, ["fails"])


def test_a_time_stamp_over_something_else_is_refused(authority: Authority) -> None:
    shop = Shop()
    anchor = {**shop.anchor(authority, 8), "token": b64encode(authority.token(b"something else")).decode()}

    assert checked(shop.receipt(anchors=[anchor])).of("anchor") == ["fails"]


def test_a_time_stamp_under_another_authority_is_refused(authority: Authority, stranger: Authority) -> None:
    shop = Shop()
    receipt = shop.receipt(anchors=[shop.anchor(authority, 8)])

    found = checked(receipt, stranger.certificate)

    assert (found.exit_code, found.of("anchor"), found.of("token")) == (1, ["holds"], ["fails"])
    assert checked(receipt, stranger.certificate, authority.certificate).of("token") == ["holds"]


def test_a_certificate_that_is_not_for_time_stamping_alone_is_refused(tmp_path: Path) -> None:
    """`openssl ts` will not stamp with such a one: it takes the place of the fit one afterwards."""
    authority, shop = replace(Authority.opened(tmp_path, algorithm="EC"), encloses=False), Shop()
    receipt = shop.receipt(anchors=[shop.anchor(authority, 8)])

    fit = checked(receipt, tmp_path / "tsa.pem")
    authority.certify("serving")
    unfit = checked(receipt, tmp_path / "tsa.pem")

    assert (fit.exit_code, fit.of("token")) == (0, ["holds"])
    assert (unfit.exit_code, unfit.of("anchor"), unfit.of("token")) == (1, ["holds"], ["fails"])


def test_every_bit_of_a_time_stamp_is_refused_when_flipped_or_changes_nothing(stranger: Authority) -> None:
    from cryptography import x509

    raw = stranger.token(b"checkpoint")
    genuine = Token.parse(raw)
    authorities = [x509.load_pem_x509_certificate(stranger.certificate.read_bytes())]
    genuine.signed_under(authorities)
    accepted = []
    for position in range(len(raw) * 8):
        changed = bytearray(raw)
        changed[position // 8] ^= 1 << position % 8
        try:
            token = Token.parse(bytes(changed))
            token.signed_under(authorities)
        except Fails:
            continue
        accepted.append((token.imprint, token.at))

    assert set(accepted) <= {(genuine.imprint, genuine.at)}
    assert len(accepted) < len(raw) * 8 // 2  # the authority's own certificate need not be in it, and is half of it


@pytest.mark.parametrize(
    "token", ["", "AAAA", "MAA=", "MIAAAA==", b64encode(b"0\x03\x02\x01\x00").decode(), "no base64", CROWD]
)
def test_what_is_no_time_stamp_is_refused(authority: Authority, token: str) -> None:
    shop = Shop()

    found = checked(shop.receipt(anchors=[{**shop.anchor(authority, 8), "token": token}]), authority.certificate)

    assert (found.exit_code, found.of("anchor")) == (1, ["fails"])


def test_a_certificate_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_bytes(b64decode("AAAA"))

    assert checked(Shop().receipt(), tmp_path / "no.pem").exit_code == 2
    assert checked(Shop().receipt(), tmp_path / "missing.pem").exit_code == 2
