import os
import signal
import time

import pytest

from recommender.aside import MAY_FORK, Aside
from recommender.errors import InvalidPolicyError, ProcessError

forks = pytest.mark.skipif(not MAY_FORK, reason="work is done apart on Linux only")
both = pytest.mark.parametrize("apart", [False, pytest.param(True, marks=forks)])


@both
def test_work_takes_what_it_is_told_and_hands_back_its_answer(apart):
    before = ["of the parent"]
    with Aside(lambda hear: (before, hear() * 2), name="the test", apart=apart) as aside:
        aside.tell("x" * 1_000_000)
        assert aside.answer() == (before, "x" * 2_000_000)


@both
def test_an_error_of_the_work_is_raised_where_its_answer_is_taken(apart):
    def refuse(hear):
        raise InvalidPolicyError("is not YAML", where=hear(), hint="write it anew")

    with Aside(refuse, name="the test", apart=apart) as aside:
        aside.tell("a.yaml")
        with pytest.raises(InvalidPolicyError) as refused:
            aside.answer()
    assert (refused.value.what, refused.value.where, refused.value.hint) == ("is not YAML", "a.yaml", "write it anew")
    assert str(refused.value) == "a.yaml: is not YAML\nTry: write it anew"


@forks
def test_an_error_that_cannot_be_handed_over_is_told_in_words():
    class LocalError(Exception):
        pass

    def fail(hear):
        raise LocalError(hear())

    with Aside(fail, name="the test", apart=True) as aside:
        aside.tell("reason")
        with pytest.raises(RuntimeError, match="LocalError: reason"):
            aside.answer()


@forks
def test_a_process_that_dies_is_an_error_that_says_what_to_do():
    with Aside(lambda hear: os.kill(os.getpid(), hear()), name="the backtest", apart=True) as aside:
        aside.tell(signal.SIGKILL)
        with pytest.raises(ProcessError, match=r"the backtest: .*ended before.*\(signal 9\)") as died:
            aside.answer()
    assert "--jobs 1" in died.value.hint


@forks
def test_a_process_that_is_gone_can_still_be_told():
    with Aside(lambda _: os._exit(3), name="the test", apart=True) as aside:
        time.sleep(0.05)
        aside.tell("x" * 1_000_000)
        with pytest.raises(ProcessError, match="exit code 3"):
            aside.answer()


@forks
def test_the_process_is_gone_when_the_block_ends():
    with Aside(lambda _: time.sleep(600), name="the test", apart=True) as aside:
        process = aside._child._process
        os.kill(process, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(process, 0)


@forks
def test_work_apart_changes_nothing_here():
    things = []
    with Aside(lambda hear: things.append(hear()) or len(things), name="the test", apart=True) as aside:
        aside.tell(1)
        assert aside.answer() == 1
    assert things == []
