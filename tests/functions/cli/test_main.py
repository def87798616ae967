import pytest
from typer.testing import CliRunner

from functions.cli.main import main
from functions.ids import TenantId
from tests.support.aws import Aws


@pytest.mark.usefixtures("aws")
def test_opening_an_account_prints_a_key_that_opens_it(aws: Aws) -> None:
    from functions.wiring import Wiring

    result = CliRunner().invoke(main, ["tenant", "open", "Rosa & Thyme", "--contact", "owner@example.com", "--language", "bg"])

    assert result.exit_code == 0, result.output
    tenant, key = (line.split()[-1] for line in result.output.splitlines()[:2])
    wiring = Wiring.from_environment()
    caller = wiring.caller(key)
    assert caller is not None
    assert caller.tenant == tenant
    assert wiring.tenant(TenantId(tenant)).profile == {"languages": ["bg"], "contact_email": "owner@example.com"}
    assert aws.settings.workspace_table == wiring.settings.workspace_table
