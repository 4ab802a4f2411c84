"""`python -m tests.conformance.calico_selectors --parser PROGRAM`: random selectors, read by Calico's parser and ours.

Prints the seed, every difference and `agree N of M`. Exit code 1 on any difference, 2 if the parser fails.
"""

from __future__ import annotations

import argparse
import gzip
import json
import secrets
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from recommender.semantics.calico_expression import Global
from recommender.semantics.calico_parser import parse_expression

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

KEYS = ("app", "tier", "a.b/c-d_e", "not", "in", "has", "all", "contains", "projectcalico.org/name")
VALUES = ("web", "db", "front-end", "", "a b", "x=='y'", "&& ||", "Ä")
PIECES = ("app", "tier", "==", "!=", "=", "&&", "||", "&", "!", "(", ")", "{", "}", ",", "'web'", '"db"', "'", "in",
          "not in", "notin", "has(app)", "has(", "all()", "all", "contains", "starts with", "ends\twith", "global()",
          " ", "\n", "\x0b", "é")  # fmt: skip


def questions(seed: int, count: int) -> list[dict[str, Any]]:
    """Selectors that are well formed, selectors with a scratch, and mere pieces, each with label sets."""
    random = Random(seed)
    made = []
    for _ in range(count):
        kind = random.random()
        text = _some(random, 3) if kind < 0.7 else _pieces(random)
        made.append({"selector": _scratched(random, text) if kind < 0.2 else text, "labels": _labels(random)})
    return made


def _labels(random: Random) -> list[dict[str, str]]:
    return [{key: random.choice(VALUES) for key in random.sample(KEYS, random.randint(0, 4))} for _ in range(5)]


def _some(random: Random, depth: int) -> str:
    if depth and random.random() < 0.5:
        sign = random.choice((" && ", " || ", "&&", "||"))
        text = sign.join(_some(random, depth - 1) for _ in range(random.randint(2, 3)))
        return f"({text})" if random.random() < 0.5 else text
    negated = random.choice(("", "", "!", "! ", "!!"))
    return negated + _atom(random)


def _atom(random: Random) -> str:
    key, space = random.choice(KEYS), random.choice(("", " ", "  ", "\t"))
    match random.randint(0, 6):
        case 0:
            return random.choice(("all()", "all( )", "global()"))
        case 1:
            return f"has({space}{key}{space})"
        case 2 | 3:
            listed = f",{space}".join(_literal(random) for _ in range(random.randint(0, 3)))
            operator = random.choice(("in", "not in", "notin", "not  in"))
            return f"{key} {operator}{space}{{{listed}{random.choice(('', '', ','))}}}"
        case 4:
            operator = random.choice(("contains", "starts with", "startswith", "ends with", "ends  with"))
            return f"{key} {operator}{space}{_literal(random)}"
        case _:
            return f"{key}{space}{random.choice(('==', '!='))}{space}{_literal(random)}"


def _literal(random: Random) -> str:
    quote = random.choice("'\"")
    return f"{quote}{random.choice(VALUES).replace(quote, '')}{quote}"


def _pieces(random: Random) -> str:
    return random.choice(("", " ")).join(random.choice(PIECES) for _ in range(random.randint(1, 8)))


def _scratched(random: Random, text: str) -> str:
    place = random.randint(0, max(len(text) - 1, 0))
    return text[:place] + random.choice(("", random.choice(PIECES))) + text[place + random.randint(0, 1) :]


def differences(answered: Iterable[dict[str, Any]]) -> list[str]:
    """Where ours is not Calico's answer. `global()` holds for nothing here: no pod is asked, but a namespace."""
    found = []
    for one in answered:
        try:
            expression = parse_expression(one["selector"])
        except ValueError as error:
            if one["valid"]:
                found.append(f"{one['selector']!r}: Calico reads it, we do not: {error}")
            continue
        if not one["valid"]:
            found.append(f"{one['selector']!r}: we read it, Calico does not")
        elif "global(" not in one["selector"] and not isinstance(expression, Global):
            ours = [expression.holds(labels.get) for labels in one["labels"]]
            if ours != one["answers"]:
                found.append(f"{one['selector']!r}: Calico {one['answers']}, ours {ours}")
    return found


def main(arguments: Sequence[str]) -> int:
    """Ask, compare, and keep the answers if a file is named."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance.calico_selectors")
    parser.add_argument("--parser", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=None, help="a new one each time, unless given")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--keep", type=Path, help="write questions and answers here, gzipped")
    chosen = parser.parse_args(arguments)
    seed = secrets.randbelow(10**9) if chosen.seed is None else chosen.seed
    sys.stdout.write(f"seed {seed}, {chosen.count} selectors\n")
    asked = "".join(json.dumps(one) + "\n" for one in questions(seed, chosen.count))
    try:
        answers = subprocess.run([chosen.parser], input=asked.encode(), stdout=subprocess.PIPE, check=True).stdout
    except subprocess.CalledProcessError as error:
        sys.stderr.write(f"the parser failed with {error.returncode}\n")
        return 2
    answered = [json.loads(line) for line in answers.splitlines()]
    if len(answered) != chosen.count:
        sys.stderr.write("the parser did not answer every question\n")
        return 2
    if chosen.keep:
        chosen.keep.write_bytes(gzip.compress(answers, compresslevel=9, mtime=0))
    found = differences(answered)
    for difference in found:
        sys.stdout.write(f"{difference}\n")
    valid = sum(one["valid"] for one in answered)
    sys.stdout.write(f"agree {chosen.count - len(found)} of {chosen.count} ({valid} valid)\n")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
