import pytest

from recommender.errors import UsageError
from recommender.model.dns_scope import DnsScope
from recommender.model.existing import ExistingUse
from recommender.model.gap import Severity
from recommender.model.granularity import Granularity
from recommender.model.layer7 import Layer7
from recommender.model.manifest import Dialect
from recommender.model.reduction import ReductionEngine
from recommender.model.shared_baseline import BaselineForm
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
        ("dialect = " + "[" * 100_000 + "]" * 100_000, "cannot be read"),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('sensitive = ["tier=gold", "payments"]', ("payments", "tier=gold")),
        ('sensitive = "payments, auth,,payments"', ("auth", "payments")),
        ("sensitive = []", ()),
    ],
)
def test_marks_are_a_list_or_a_text_with_commas(tmp_path, text, expected):
    file = tmp_path / "settings.toml"
    file.write_text(text)
    assert settle(file=file).settings.sensitive == expected
    assert settle(flags={"sensitive": ("b,a", "c")}).settings.sensitive == ("a", "b", "c")


def test_marks_of_another_kind_are_refused(tmp_path):
    file = tmp_path / "settings.toml"
    file.write_text("sensitive = [1]")
    with pytest.raises(UsageError, match="must be a list of texts"):
        settle(file=file)


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("1", True), ("No", False), ("false", False)])
def test_a_switch_is_read_from_the_environment(value, expected):
    resolved = settle(environment={"NETPOL_RECOMMEND_MINIMUM_VIABLE": value})
    assert resolved.settings.minimum_viable is expected
    with pytest.raises(UsageError, match="is no minimum viable"):
        settle(environment={"NETPOL_RECOMMEND_MINIMUM_VIABLE": "maybe"})


def test_the_starter_set_implies_what_it_can_be_written_with():
    resolved = settle(flags={"minimum_viable": True, "sensitive": ("payments",)})
    chosen = resolved.settings
    assert (chosen.granularity, chosen.baselines, chosen.dns) == (
        Granularity.NAMESPACE,
        BaselineForm.INLINE,
        DnsScope.ALL,
    )
    assert resolved.origins["granularity"] == "implied by --minimum-viable"
    assert settle(flags={"minimum_viable": True, "granularity": "namespace"}).settings.granularity == "namespace"
    assert settle(flags={"minimum_viable": False}).settings == Settings()


@pytest.mark.parametrize("flag", [{"granularity": "workload"}, {"baselines": "shared"}, {"dns": "observed"}])
def test_what_contradicts_the_starter_set_is_an_error(flag):
    ((name, value),) = flag.items()
    with pytest.raises(UsageError, match=f"`{value}` contradicts the starter set") as caught:
        settle(flags={"minimum_viable": True, **flag})
    assert str(caught.value).startswith(f"--{name}: ")
    assert f"leave {name} out" in str(caught.value)
    with pytest.raises(UsageError, match="contradicts the starter set"):
        ResolvedSettings.given(Settings(minimum_viable=True, granularity=Granularity.WORKLOAD))


def test_values_are_shown_as_text_and_count_in_the_digest():
    resolved = ResolvedSettings.given(Settings(sensitive=("b", "a", "b")))
    shown = {value.name: value.value for value in resolved.values()}
    assert (shown["sensitive"], shown["minimum_viable"], shown["granularity"]) == ("a, b", "false", "group")
    default = ResolvedSettings.given(Settings()).digest()
    changed = [Settings(granularity=Granularity.WORKLOAD), Settings(minimum_viable=True), Settings(sensitive=("a",))]
    assert len({default, *(ResolvedSettings.given(one).digest() for one in changed)}) == 4


@pytest.mark.parametrize(
    ("told", "text"),
    [("flannel", "flannel"), ("Calico@3.29", "calico 3.29"), ("aws-vpc-cni@v1.14.1", "aws-vpc-cni v1.14.1")],
)
def test_a_network_plugin_is_known_by_name_and_version(told, text):
    settled = settle(flags={"cni": told})
    assert (str(settled.cni()), settled.cni().origin) == (text, "--cni")
    assert settled.digest() == settle().digest()


def test_no_network_plugin_is_none():
    assert settle().cni() is None


@pytest.mark.parametrize(
    ("told", "message"),
    [("flanel", "did you mean `flannel`"), ("calico@", "numbers and dots"), ("calico@x;y", "numbers")],
)
def test_other_network_plugins_are_refused(told, message):
    with pytest.raises(UsageError, match=message):
        settle(flags={"cni": told})


@pytest.mark.parametrize(
    ("layers", "codes"),
    [
        ({"flags": {"ignore": ("npr807", "NPR401")}}, ("NPR401", "NPR807")),
        ({"environment": {"NETPOL_RECOMMEND_IGNORE": "NPR807, NPR401,"}}, ("NPR401", "NPR807")),
        ({}, ()),
    ],
)
def test_codes_to_ignore(layers, codes):
    settled = settle(**layers)
    assert settled.settings.ignore == codes
    assert settled.digest() == settle().digest()


@pytest.mark.parametrize("given", ["NPR1", "401", ("NPR401", "*"), 5])
def test_what_is_no_code_is_refused(given):
    with pytest.raises(UsageError, match="code"):
        settle(flags={"ignore": given})


def test_spark_has_no_master_where_duckdb_reduces():
    with pytest.raises(UsageError, match="no Spark where duckdb") as caught:
        settle(flags={"spark_master": "local[2]"})
    assert caught.value.where == "--spark-master"
    environment = {"NETPOL_RECOMMEND_SPARK_MASTER": "local[2]"}
    assert settle(environment=environment).settings.spark_master == "local[2]"
    assert settle(environment=environment, flags={"engine": "spark"}).settings.engine is ReductionEngine.SPARK


def test_reports_do_not_tell_the_engine():
    by_spark = settle(flags={"engine": "spark", "spark_master": "local[2]", "reduction_cache": "kept"})
    assert by_spark.reported() == settle().reported()
    assert by_spark.digest() == settle().digest()
    assert {"engine", "reduction_cache", "spark_master"} == {item.name for item in by_spark.values()} - {
        item.name for item in by_spark.reported()
    }
