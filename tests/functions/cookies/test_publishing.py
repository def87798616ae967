import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from threading import Barrier

import pytest

from functions.cookies.config import Bundle, Published
from functions.cookies.model import Banner, Category, Vendor
from functions.cookies.pages import Addresses
from functions.cookies.publishing import MAX_SCOPE, Press, list_published, point_at_newest
from functions.cookies.table import Configs
from functions.errors import Conflict, Invalid, NotFound
from functions.ids import PolicyId, SiteId, SiteKey
from functions.policies.model import PolicyKind, PolicyVersion, Text
from tests.support.aws import Account
from tests.support.banners import ANALYTICS, BANNER, BUNDLE, GA, PAYMENT, PIXEL, with_vendors
from tests.support.memory import MemoryContent, MemoryRegister

ADDRESSES = Addresses("https://api.example/v1", "https://cdn.example", ("https://rosa.example",))


def nothing_in_force(_policy: PolicyId) -> PolicyVersion:
    raise NotFound("There is none.")


@dataclass
class Studio:
    """A site, its window, and where it is published."""

    site: SiteKey
    now: datetime
    configs: Configs
    content: MemoryContent
    banner: Banner = BANNER
    policies: dict[str, PolicyVersion] = field(default_factory=dict)
    bundle: Bundle = BUNDLE

    def press(self, served: tuple[str, ...] = ("opt-in", "opt-out")) -> Press:
        def in_force(policy: PolicyId) -> PolicyVersion:
            return self.policies.get(policy) or nothing_in_force(policy)

        return Press(self.site, self.configs, self.content, in_force, served, self.bundle, ADDRESSES, "l/1")

    def publish(
        self, after: int, *, ask_again: bool = False, served: tuple[str, ...] = ("opt-in", "opt-out"), by: str = "key:x"
    ) -> Published:
        return self.press(served).publish(self.banner, after=after, by=by, now=self.now, ask_again=ask_again)

    def follow(self) -> Published | None:
        return self.press().follow(by="schedule", now=self.now)

    @property
    def pointer(self) -> dict[str, object]:
        return dict(json.loads(self.content.read(f"s/{self.site}/current.json")))


@pytest.fixture(params=["dynamodb", "memory"])
def configs(request: pytest.FixtureRequest, tenant: Account) -> Configs:
    return Configs(tenant.register if request.param == "dynamodb" else MemoryRegister(tenant.id))  # type: ignore[arg-type]  # has its shape


@pytest.fixture
def studio(configs: Configs, tenant: Account, now: datetime) -> Studio:
    return Studio(tenant.site, now, configs, MemoryContent())


def test_publishing_makes_files_an_entry_and_the_pointers(studio: Studio) -> None:
    published = studio.publish(0)

    base = f"s/{studio.site}/{published.sha256}/"
    assert (published.version, published.epoch) == (1, 1)
    assert studio.configs.read(studio.site, 1) == published
    assert sha256(studio.content.read(base + "config.json")).hexdigest() == published.sha256
    assert studio.pointer == {
        "version": 1,
        "sha256": published.sha256,
        "published_at": published.published_at.isoformat(),
        "gates": {
            regime: {"path": f"/{base}gate.{regime}.js", "integrity": published.gates[f"gate.{regime}.js"]}
            for regime in ("opt-in", "opt-out")
        },
    }
    for regime in ("opt-in", "opt-out"):
        assert studio.content.read(f"s/{studio.site}/gate.{regime}.js") == studio.content.read(f"{base}gate.{regime}.js")


PAGES = {"receipts.html": 'connect-src __API__; "__CONSENTINEL__"', "verify.html": "<p>checks</p>"}


def test_the_pages_stand_at_fixed_addresses_as_the_newest_version_has_them(studio: Studio) -> None:
    studio.bundle = replace(BUNDLE, pages=PAGES)
    studio.publish(0)
    studio.bundle = replace(BUNDLE, pages={**PAGES, "verify.html": "<p>checks more</p>"})

    published = studio.publish(1)

    for page in PAGES:
        newest = studio.content.read(f"s/{studio.site}/{published.sha256}/{page}")
        assert studio.content.read(f"s/{studio.site}/{page}") == newest
    assert studio.content.read(f"s/{studio.site}/verify.html") == b"<p>checks more</p>"
    assert b'"origins":["https://rosa.example"]' in studio.content.read(f"s/{studio.site}/receipts.html")


def test_a_version_from_before_there_were_pages_is_pointed_at_without_them(studio: Studio) -> None:
    published = studio.publish(0)
    before = {name: value for name, value in published.to_json().items() if name != "pages"}

    point_at_newest(studio.site, configs=studio.configs, content=studio.content)

    assert Published.from_json(before) == published
    assert studio.pointer["sha256"] == published.sha256
    assert [key for key in studio.content.files if key.endswith(".html")] == []


def test_the_files_of_an_older_version_stay_as_they_were(studio: Studio) -> None:
    first = studio.publish(0)
    before = {name: content for name, content in studio.content.files.items() if first.sha256 in name}
    studio.banner = replace(BANNER, layout="modal")

    second = studio.publish(1)

    assert second.sha256 != first.sha256
    assert {name: content for name, content in studio.content.files.items() if first.sha256 in name} == before
    assert studio.pointer["version"] == 2


@pytest.mark.parametrize("after", [0, 2])
def test_publishing_from_another_than_the_newest_is_a_conflict(studio: Studio, after: int) -> None:
    studio.publish(0)

    with pytest.raises(Conflict, match="Version 1 is the newest"):
        studio.publish(after)

    assert studio.pointer["version"] == 1


@pytest.mark.parametrize(
    ("banner", "asks"),
    [
        (BANNER, False),
        (replace(BANNER, layout="modal"), False),
        (replace(BANNER, texts={"bg": {"accept_all": "Добре"}}), False),
        (with_vendors(ANALYTICS, PAYMENT), False),
        (with_vendors(), False),
        (with_vendors(ANALYTICS, PIXEL, PAYMENT, Vendor("Hotjar", Category.PERFORMANCE, ("hotjar.com",))), True),
        (with_vendors(replace(ANALYTICS, domains=(*ANALYTICS.domains, "analytics.google.com")), PIXEL), True),
        (with_vendors(replace(ANALYTICS, category=Category.TARGETING), PIXEL), True),
        (with_vendors(replace(ANALYTICS, category=Category.NECESSARY), PIXEL), False),
        (with_vendors(ANALYTICS, PIXEL, PAYMENT, Vendor("PayPal", Category.NECESSARY, ("paypal.com",))), False),
        (replace(BANNER, cookies=(GA, replace(GA, name="_gid", match="exact"))), True),
        (replace(BANNER, cookies=(replace(GA, match="exact"),)), True),
        (replace(BANNER, cookies=()), False),
    ],
    ids=[
        "same",
        "layout",
        "words",
        "fewer",
        "none",
        "vendor",
        "domain",
        "category",
        "to necessary",
        "necessary",
        "cookie",
        "match",
        "no cookie",
    ],
)
def test_visitors_are_asked_again_only_when_there_is_something_they_did_not_agree_to(
    studio: Studio, banner: Banner, *, asks: bool
) -> None:
    studio.publish(0)
    studio.banner = banner

    assert studio.publish(1).epoch == (2 if asks else 1)


def test_visitors_are_asked_again_when_the_merchant_says_so(studio: Studio) -> None:
    studio.publish(0)

    assert [studio.publish(1, ask_again=True).epoch, studio.publish(2).epoch] == [2, 2]


def test_what_came_back_after_it_was_gone_asks_again(studio: Studio) -> None:
    studio.publish(0)
    studio.banner = with_vendors(ANALYTICS)
    studio.publish(1)
    studio.banner = BANNER

    assert studio.publish(2).epoch == 2


def policy(number: int, material_version: int, now: datetime) -> PolicyVersion:
    return PolicyVersion(
        policy=PolicyId("cookies"),
        number=number,
        kind=PolicyKind.COOKIE_POLICY,
        titles={"bg": "Бисквитки"},
        texts={"bg": Text("1" * 64, "2" * 64, 10)},
        change_note="",
        material=number == material_version,
        material_version=material_version,
        effective_at=now,
        published_at=now,
        published_by="key:x",
    )


def test_a_material_change_of_a_linked_document_asks_again_and_another_does_not(studio: Studio) -> None:
    studio.banner = replace(BANNER, policies=(PolicyId("cookies"),))
    epochs = []
    for after, version in enumerate([policy(1, 1, studio.now), policy(2, 1, studio.now), policy(3, 3, studio.now)]):
        studio.policies["cookies"] = version
        epochs.append(studio.publish(after).epoch)

    assert epochs == [1, 1, 2]


def test_a_window_follows_its_documents_and_nothing_else(studio: Studio) -> None:
    studio.banner = replace(BANNER, policies=(PolicyId("cookies"),))
    studio.policies["cookies"] = policy(1, 1, studio.now)
    studio.publish(0)
    studio.banner = replace(BANNER, policies=(PolicyId("cookies"),), layout="modal")

    unchanged = studio.follow()
    studio.policies["cookies"] = policy(2, 2, studio.now)
    followed = studio.follow()
    again = studio.follow()

    assert (unchanged, again) == (None, None)
    assert followed is not None
    assert (followed.version, followed.epoch, followed.published_by) == (2, 2, "schedule")
    config = json.loads(studio.content.read(f"s/{studio.site}/{followed.sha256}/config.json"))
    assert config["banner"]["layout"] == "bar"
    assert config["policies"][0]["version"] == 2


def test_a_change_of_a_document_that_is_not_material_is_followed_and_asks_nobody(studio: Studio) -> None:
    studio.banner = replace(BANNER, policies=(PolicyId("cookies"),))
    studio.policies["cookies"] = policy(1, 1, studio.now)
    studio.publish(0)
    studio.policies["cookies"] = policy(2, 1, studio.now)

    followed = studio.follow()

    assert followed is not None
    assert (followed.version, followed.epoch) == (2, 1)


def test_a_site_that_was_never_published_follows_nothing(studio: Studio) -> None:
    assert studio.follow() is None
    assert studio.content.files == {}


def test_a_document_without_a_version_in_force_cannot_be_linked_and_nothing_is_published(studio: Studio) -> None:
    studio.banner = replace(BANNER, policies=(PolicyId("cookies"), PolicyId("terms")))
    studio.policies["cookies"] = policy(1, 1, studio.now)

    with pytest.raises(Invalid) as refusal:
        studio.publish(0)

    assert [one.pointer for one in refusal.value.violations] == ["/policies/1"]
    assert studio.content.files == {}
    assert studio.configs.read(studio.site, 1) is None


@pytest.mark.parametrize(("count", "length"), [(MAX_SCOPE + 1, 12), (1500, 240)])
def test_more_than_a_visitor_could_be_told_is_refused(studio: Studio, count: int, length: int) -> None:
    domains = tuple(f"{number:05d}{'d' * (length - 13)}.example" for number in range(count))
    studio.banner = with_vendors(Vendor("All", Category.TARGETING, domains))

    with pytest.raises(Invalid):
        studio.publish(0)


def test_the_most_that_can_be_declared_fits_its_entry(studio: Studio) -> None:
    domains = tuple(f"{number:05d}{'d' * 40}.example" for number in range(MAX_SCOPE - 1))
    studio.banner = with_vendors(Vendor("All", Category.TARGETING, domains))

    assert studio.configs.read(studio.site, studio.publish(0).version) is not None


def test_a_regime_that_the_site_stops_serving_gets_the_opt_in_gate_of_the_same_version(studio: Studio) -> None:
    studio.publish(0)

    published = studio.publish(1, served=("opt-in",))

    strict = studio.content.read(f"s/{studio.site}/{published.sha256}/gate.opt-in.js")
    assert studio.content.read(f"s/{studio.site}/gate.opt-out.js") == strict
    assert studio.content.read(f"s/{studio.site}/gate.opt-in.js") == strict
    assert list(dict(studio.pointer["gates"])) == ["opt-in"]  # type: ignore[call-overload]  # an object in JSON


@dataclass(frozen=True, slots=True)
class Interrupted(MemoryContent):
    """Content whose first pointer to a gate is put only after something else has happened."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)

    def point(self, key: str, content: bytes, content_type: str) -> None:
        if self.meanwhile:
            self.meanwhile.pop()()
        MemoryContent.point(self, key, content, content_type)


def test_a_slow_publisher_who_points_back_at_an_older_version_looks_again_and_mends_it(studio: Studio) -> None:
    content = Interrupted()
    studio.content = content
    studio.publish(0)
    content.meanwhile.append(lambda: studio.publish(2, by="key:fast"))

    studio.publish(1, by="key:slow")

    newest = studio.configs.read(studio.site, 3)
    assert newest is not None
    assert newest.published_by == "key:fast"
    assert (studio.pointer["version"], studio.pointer["sha256"]) == (3, newest.sha256)
    for regime in ("opt-in", "opt-out"):
        gate = content.read(f"s/{studio.site}/{newest.sha256}/gate.{regime}.js")
        assert content.read(f"s/{studio.site}/gate.{regime}.js") == gate


def test_a_publisher_who_died_before_the_pointers_is_made_up_for(studio: Studio) -> None:
    def die() -> None:
        raise OSError("gone")

    content = Interrupted()
    studio.content = content
    studio.publish(0)
    content.meanwhile.append(die)
    with pytest.raises(OSError, match="gone"):
        studio.publish(1)
    behind = studio.pointer["version"]

    point_at_newest(studio.site, configs=studio.configs, content=content)
    point_at_newest(studio.site, configs=studio.configs, content=content)

    assert (behind, studio.pointer["version"]) == (1, 2)


def test_pointing_at_nothing_points_nowhere(studio: Studio) -> None:
    point_at_newest(studio.site, configs=studio.configs, content=studio.content)

    assert studio.content.files == {}


@dataclass(frozen=True)
class Simultaneous:
    """Configs of which everybody has read the newest before anybody enters one."""

    configs: Configs
    barrier: Barrier

    def newest_first(self, site: SiteKey, *, below: int | None = None, limit: int) -> list[Published]:
        found = self.configs.newest_first(site, below=below, limit=limit)
        if not found:
            self.barrier.wait(timeout=10)
        return found

    def append(self, published: Published, *, site: SiteKey, log: str) -> None:
        self.configs.append(published, site=site, log=log)

    def read(self, site: SiteKey, version: int) -> Published | None:
        return self.configs.read(site, version)


def test_of_two_who_publish_at_the_same_moment_one_wins_and_the_other_is_told(tenant: Account, now: datetime) -> None:
    kept = Configs(MemoryRegister(tenant.id))  # type: ignore[arg-type]  # has its shape
    racing: Configs = Simultaneous(kept, Barrier(2))  # type: ignore[assignment]  # has its shape
    studio = Studio(tenant.site, now, racing, MemoryContent())
    studio.banner = BANNER

    def race(by: str) -> str:
        try:
            return studio.publish(0, by=by).published_by
        except Conflict:
            return "told"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(race, ["key:a", "key:b"]))

    winner = kept.read(studio.site, 1)
    assert winner is not None
    assert outcomes == [winner.published_by, "told"]
    assert studio.pointer["sha256"] == winner.sha256


def test_versions_are_listed_newest_first_with_a_cursor(tenant: Account, now: datetime) -> None:
    configs = Configs(MemoryRegister(tenant.id))  # type: ignore[arg-type]  # has its shape
    studio = Studio(tenant.site, now, configs, MemoryContent())
    for after in range(51):
        studio.publish(after)

    first, cursor = list_published(studio.site, after=None, configs=configs)
    second, last = list_published(studio.site, after=cursor, configs=configs)

    assert [one.version for one in first + second] == list(range(51, 0, -1))
    assert last is None


def test_another_site_and_a_neighbours_site_of_the_same_name_are_others(
    tenant: Account, neighbour: Account, now: datetime
) -> None:
    mine = Studio(tenant.site, now, Configs(tenant.register), MemoryContent())
    theirs = Studio(neighbour.site, now, Configs(neighbour.register), mine.content)

    mine.publish(0)

    assert theirs.configs.newest_first(theirs.site, limit=9) == []
    assert theirs.configs.read(theirs.site, 1) is None
    assert mine.configs.newest_first(SiteKey.of(tenant.id, SiteId("other")), limit=9) == []
    assert theirs.publish(0).version == 1
    assert theirs.publish(1).sha256 != mine.configs.newest_first(mine.site, limit=1)[0].sha256
    assert (mine.pointer["version"], theirs.pointer["version"]) == (1, 2)
