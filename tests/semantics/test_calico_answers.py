"""Calico's own parser answered these random selectors; `make conformance-live` asks it about new ones."""

import gzip
import json
from pathlib import Path

from tests.conformance.calico_selectors import differences, questions

GOLDEN = Path(__file__).with_name("golden") / "calico-3.28.5-selectors.ndjson.gz"
SEED, COUNT = 20261124, 3000


def answered():
    with gzip.open(GOLDEN, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_every_answer_is_calicos():
    assert differences(answered()) == []


def test_the_questions_are_those_of_the_seed_and_of_every_kind():
    rows = answered()
    asked = questions(SEED, COUNT)
    assert [(row["selector"], row["labels"]) for row in rows] == [(one["selector"], one["labels"]) for one in asked]
    answers = [answer for row in rows for answer in row["answers"]]
    assert min(sum(row["valid"] for row in rows), sum(not row["valid"] for row in rows)) > 800
    assert min(sum(answers), len(answers) - sum(answers)) > 2000


def test_a_wrong_answer_would_be_seen():
    rows = [row for row in answered() if row["valid"] and "global(" not in row["selector"]]
    turned = [{**row, "answers": [not answer for answer in row["answers"]]} for row in rows]
    refused = [{**row, "valid": False} for row in rows]
    assert len(differences(turned)) == len(differences(refused)) == len(rows)
