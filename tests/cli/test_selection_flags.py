from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from recommender.cli.selection import FLAGS, SelectionCommand, selection_from, selection_options
from recommender.model.selection import Condition, Selection
from recommender.store.selection import FLAGS as STORE_FLAGS


def parsed(*arguments):
    seen = []

    @click.command(cls=SelectionCommand)
    @click.argument("names", nargs=-1)
    @click.option("--type-of-report", "type", default="x")
    @selection_options
    def command(names, **options):
        seen.append((selection_from(options), names))

    result = CliRunner().invoke(command, list(arguments))
    if result.exit_code:
        return result.exit_code, result.output
    ((selection, names),) = seen
    return selection, names


def condition(flag, *values):
    return Condition(flag=flag, values=values)


def test_no_flags_select_everything():
    selection, names = parsed("a", "b")
    assert selection.empty
    assert names == ("a", "b")


def test_every_flag_of_the_store_is_on_the_command_line():
    assert {flag.name for flag in FLAGS} == set(STORE_FLAGS)


@pytest.mark.parametrize("flag", STORE_FLAGS)
def test_every_flag_takes_several_values_and_not(flag):
    selection, _ = parsed(f"--{flag}", "a", f"--{flag}=b", "--not", f"--{flag}", "c", "--not", f"--{flag}=d")
    assert selection == Selection(wanted=(condition(flag, "a", "b"),), unwanted=(condition(flag, "c", "d"),))


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-n", "shop", "-l", "app=x", "-t", "l7"], [("namespace", "shop"), ("label", "app=x"), ("type", "l7")]),
        (["-nshop"], [("namespace", "shop")]),
        (["-4"], [("ip-version", "v4")]),
        (["--ipv6", "--ip-version", "v6", "-4"], [("ip-version", "v6", "v4")]),
    ],
)
def test_short_flags(arguments, expected):
    selection, _ = parsed(*arguments)
    assert selection.wanted == tuple(condition(*one) for one in expected)
    assert selection.unwanted == ()


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--not", "-n", "shop"], ("namespace", "shop")),
        (["--not", "-nshop"], ("namespace", "shop")),
        (["--not", "-lk8s:app=x"], ("label", "k8s:app=x")),
        (["--not", "-4"], ("ip-version", "v4")),
        (["--not", "--ipv6"], ("ip-version", "v6")),
        (["--not", "--label=app=x"], ("label", "app=x")),
    ],
)
def test_not_before_short_flags(arguments, expected):
    selection, names = parsed(*arguments, "file")
    assert selection == Selection(unwanted=(condition(*expected),))
    assert names == ("file",)


def test_not_concerns_the_next_flag_only():
    selection, _ = parsed("--not", "--from-ip", "192.0.2.1", "--verdict", "AUDIT", "--since", "7d", "--until", "1h")
    assert selection == Selection(
        wanted=(condition("verdict", "AUDIT"),), unwanted=(condition("from-ip", "192.0.2.1"),), since="7d", until="1h"
    )


def test_after_two_dashes_nothing_is_a_flag():
    selection, names = parsed("--", "--not", "x")
    assert selection.empty
    assert names == ("--not", "x")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--not"],
        ["--not", "file"],
        ["--not", "--not", "--pod", "x"],
        ["--not", "--since", "7d"],
        ["--not", "--pods", "x"],
    ],
)
def test_not_without_a_filter_flag_is_a_usage_error(arguments):
    code, output = parsed(*arguments)
    assert code == 2
    assert "--not needs a filter flag right after it" in output


def test_help_lists_the_flags_in_a_section_of_their_own_and_hides_the_twins():
    @click.command(cls=SelectionCommand)
    @click.option("--output", help="Where to.")
    @selection_options
    def command(**options):
        selection_from(options)

    text = CliRunner().invoke(command, ["--help"]).output
    options, _, selection = text.partition("Selection (as in `hubble observe`):")
    assert "--output" in options
    assert "--namespace" not in options
    assert "-n, --namespace NS" in selection
    assert "--not-" not in text
