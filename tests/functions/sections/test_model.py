from functions.schema import Schema
from functions.sections.model import Section


def test_the_schema_of_submissions_knows_exactly_these_sections() -> None:
    [act] = [Schema("consents/schemas/submission.json").document()["properties"]["acts"]["items"]]

    assert act["properties"]["section"]["enum"] == [section.value for section in Section]
