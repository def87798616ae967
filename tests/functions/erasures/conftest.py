import pytest

from functions.ids import SubjectId
from functions.wiring import Wiring
from tests.functions.erasures.acts import wiring_of
from tests.support.aws import Account, Aws


@pytest.fixture
def wiring(aws: Aws) -> Wiring:
    return wiring_of(aws)


@pytest.fixture
def sid(tenant: Account) -> SubjectId:
    return tenant.keys.pseudonym("the secret of a browser")
