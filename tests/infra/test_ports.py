"""Where the parts listen."""

import socket

import pytest

from infra.local.engines import CannotStart
from infra.local.ports import Ports, check_free, listening


def test_a_port_is_chosen_in_the_environment() -> None:
    assert Ports.from_environment({"CONSENTINEL_PORT_SHOP": "9000", "OTHER": "1"}) == Ports(shop=9000)


@pytest.mark.parametrize("text", ["", "-1", "65536", "shop", "8789.0", "٣"])
def test_what_is_no_port_is_refused_by_its_name(text: str) -> None:
    with pytest.raises(CannotStart, match="CONSENTINEL_PORT_SHOP"):
        Ports.from_environment({"CONSENTINEL_PORT_SHOP": text})


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(CannotStart) as told:
            listening("recorder_tls", port, check_free)

    assert f"Port {port} is taken" in str(told.value)
    assert "CONSENTINEL_PORT_RECORDER_TLS=" in str(told.value)


def test_a_free_port_says_nothing() -> None:
    listening("shop", 0, check_free)
