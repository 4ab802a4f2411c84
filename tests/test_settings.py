import pytest

from recommender.errors import UsageError
from recommender.model.existing import ExistingUse
from recommender.model.gap import Severity
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.single_sightings import SingleSightings
from recommender.model.widening import DynamicPorts, NamePatterns, WideningLimits
from recommender.settings import ResolvedSettings, Settings, resolve_settings


@pytest.fixture(autouse=True)
def _empty_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def settle(**arguments):
    return resolve_settings(environment=arguments.pop("environment", {}), **arguments)


def test_defaults_say_so():
    resolved = settle()
    assert resolved.settings == Settings()
    assert set(resolved.origins.values()) == {"default"}


def test_flags_beat_environment_beats_file(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text('dialect = "kubernetes"\nfail_on = "low"\nmemory_limit = "1GiB"\n')
    environment = {"NETPOL_RECOMMEND_FAIL_ON": "medium", "NETPOL_RECOMMEND_MEMORY_LIMIT": "3GiB"}
    resolved = settle(file=file, environment=environment, flags={"memory_limit": "4GiB", "dialect": None})
    assert resolved.settings == Settings(dialect=Dialect.KUBERNETES, fail_on=Severity.MEDIUM, memory_limit="4GiB")
    assert {name: origin for name, origin in resolved.origins.items() if origin != "default"} == {
        "dialect": str(file),
        "fail_on": "NETPOL_RECOMMEND_FAIL_ON",
        "memory_limit": "--memory-limit",
    }


def test_the_default_file_is_read_where_it_lies(tmp_path):
    (tmp_path / "netpol-recommend.toml").write_text('dialect = "kubernetes"')
    assert settle().settings.dialect is Dialect.KUBERNETES


def test_rules_above_layer_4_are_asked_for(tmp_path):
    (tmp_path / "netpol-recommend.toml").write_text('l7 = "http"')
    assert settle().settings.l7 is Layer7.HTTP
    with pytest.raises(UsageError, match="`grpc` is no l7"):
        settle(flags={"l7": "grpc"})


def test_what_is_made_of_existing_policies_can_be_set():
    assert settle().settings.existing is ExistingUse.COMPLEMENT
    assert settle(flags={"existing": "by-name"}).settings.existing is ExistingUse.BY_NAME
    assert settle(environment={"NETPOL_RECOMMEND_EXISTING": "ignore"}).settings.existing is ExistingUse.IGNORE
    with pytest.raises(UsageError, match="did you mean `ignore`"):
        settle(flags={"existing": "ignored"})


@pytest.mark.parametrize("size", ["512MiB", "1.5 GB", "2gib", "100000B"])
def test_sizes_are_a_number_and_a_unit(size):
    assert settle(flags={"memory_limit": size}).settings.memory_limit == size.replace(" ", "")


def test_never_switches_a_threshold_off(tmp_path):
    (tmp_path / "netpol-recommend.toml").write_text('fail_on = "high"')
    assert settle(flags={"fail_on": "never"}).settings.fail_on is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('dialekt = "cilium"', "did you mean `dialect`"),
        ('dialect = "cillium"', "did you mean `cilium`"),
        ("dialect = ", "cannot be read"),
        ('memory_limit = "much"', "is no memory limit"),
        ('memory_limit = "-5GB"', "is no memory limit"),
        ('memory_limit = "0GB"', "is no memory limit"),
        ("memory_limit = 5", "is no memory limit"),
    ],
)
def test_mistakes_are_named_with_the_nearest_right_word(tmp_path, text, message):
    file = tmp_path / "settings.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=message) as caught:
        settle(file=file)
    assert str(file) in str(caught.value)


def test_the_digest_depends_on_what_changes_the_outcome_only():
    default = ResolvedSettings.given(Settings()).digest()
    assert ResolvedSettings.given(Settings(memory_limit="9GiB", fail_on=Severity.HIGH)).digest() == default
    assert ResolvedSettings.given(Settings(dialect=Dialect.KUBERNETES)).digest() != default


@pytest.mark.parametrize(("value", "expected"), [("0", 0.0), ("1.5", 1.5), (2, 2.0), ("1000", 1000.0)])
def test_a_budget_is_a_number(value, expected):
    resolved = settle(flags={"cidr_budget": value})
    assert resolved.settings.cidr_budget == expected
    assert resolved.limits().cidr_budget == expected


@pytest.mark.parametrize("value", ["-1", "many", "nan", "inf", "1001", True, ""])
def test_other_budgets_are_refused_with_what_would_do(value):
    with pytest.raises(UsageError, match="a number from 0"):
        settle(flags={"cidr_budget": value})


def test_how_far_rules_may_go_is_part_of_the_settings():
    resolved = settle(flags={"fqdn_patterns": "never", "dynamic_ports": "exact"})
    assert resolved.limits() == WideningLimits(names=NamePatterns.NEVER, ports=DynamicPorts.EXACT)
    assert resolved.digest() != settle().digest()


def test_single_sightings_are_settled_like_the_others():
    settled = settle(environment={"NETPOL_RECOMMEND_SINGLE_SIGHTINGS": "quarantine"})
    assert settled.settings.single_sightings is SingleSightings.QUARANTINE
    assert settled.digest() != settle().digest()
    with pytest.raises(UsageError, match="review"):
        settle(flags={"single_sightings": "reviewed"})
