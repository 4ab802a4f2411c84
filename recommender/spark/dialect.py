"""The reduction's statements, which are written for DuckDB, as Spark runs them.

sqlglot translates what both dialects have under different names. This file holds what it leaves alone or gets wrong,
one rule each, with the reason. Statements keep to what is translated: `len` is for lists and `length` for texts, rows
are not changed in place, and rows are not compared as tuples.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from sqlglot import ErrorLevel, exp
from sqlglot.dialects.duckdb import DuckDB

from recommender.spark.java_pattern import java_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class _ReductionParser(DuckDB.Parser):
    FUNCTIONS: Final = {**DuckDB.Parser.FUNCTIONS, "LEN": exp.ArraySize.from_arg_list}


class ReductionDialect(DuckDB):
    """DuckDB's dialect; `len` takes lists only, since Spark has other functions for lists than for texts."""

    Parser = _ReductionParser


def translated(statement: str) -> exp.Expression:
    """One statement as a tree that `spark_text` can write; table names are as they were.

    Raises:
        sqlglot.errors.SqlglotError: it is no statement, or several.
    """
    tree = ReductionDialect().parse(statement)[0]
    if tree is None:
        raise ValueError("an empty statement")
    for kind, rule in _RULES.items():
        for node in reversed(list(tree.find_all(kind))):  # the innermost first: rules may copy what is in a node
            rule(node)
    return tree


def spark_text(tree: exp.Expression) -> str:
    """The statement in Spark's dialect."""
    return str(tree.sql(dialect="spark", unsupported_level=ErrorLevel.RAISE, comments=False))


def _call(name: str, *arguments: Any) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _number(value: int) -> exp.Literal:
    return exp.Literal.number(value)


def _epoch_ns(node: exp.Anonymous) -> None:
    # Spark's timestamps hold microseconds, so its tables have times as nanoseconds in BIGINT (`engine`).
    node.replace(node.expressions[0])


def _hash(node: exp.Anonymous) -> None:
    # HASH gives 32 bits in Spark. Ids made by it differ between engines and never leave the reduction.
    node.replace(_call("XXHASH64", *node.expressions))


def _list_slice(node: exp.Anonymous) -> None:
    # Spark takes a start and a length; the reduction only asks for the last elements of a list.
    items, start, _ = node.expressions
    node.replace(_call("SLICE", items, start, _call("ABS", start.copy())))


def _list_extract(node: exp.Anonymous) -> None:
    # sqlglot moves an index in brackets by one, also where it counts from the end.
    node.replace(_call("ELEMENT_AT", *node.expressions))


def _bitstring_agg(node: exp.Anonymous) -> None:
    # DuckDB's bit strings begin with the highest bit of each byte, Spark's bitmaps with the lowest. A bitmap holds
    # 32,768 positions, which is more hours than three years have; the bytes behind the last one are cut off.
    place, _, last = node.expressions
    turned = exp.Sub(
        this=exp.Add(this=place.copy(), expression=_number(7)),
        expression=exp.Mul(
            this=_number(2), expression=exp.Paren(this=exp.Mod(this=exp.Paren(this=place), expression=_number(8)))
        ),
    )
    bitmap = _call("BITMAP_CONSTRUCT_AGG", turned)
    held = node.parent
    if isinstance(held, exp.Filter):
        condition = held.args["expression"]
        held.replace(_cut(exp.Filter(this=bitmap, expression=condition), last))
    else:
        node.replace(_cut(bitmap, last))


def _cut(bitmap: exp.Expression, last: exp.Expression) -> exp.Expression:
    size = exp.IntDiv(this=exp.Paren(this=exp.Add(this=last, expression=_number(8))), expression=_number(8))
    return _call("SUBSTRING", bitmap, _number(1), _call("INT", size))


_FUNCTIONS: Final[Mapping[str, Callable[[exp.Anonymous], None]]] = MappingProxyType(
    {
        "EPOCH_NS": _epoch_ns,
        "HASH": _hash,
        "LIST_SLICE": _list_slice,
        "LIST_EXTRACT": _list_extract,
        "BITSTRING_AGG": _bitstring_agg,
    }
)


def _function(node: exp.Anonymous) -> None:
    rule = _FUNCTIONS.get(str(node.this).upper())
    if rule is not None:
        rule(node)


def _least_few(node: exp.Min) -> None:
    # `min(x, n)`, the n least values in order: in Spark, the n values with the least key. Both hold n values, not all.
    count = node.args.get("count")
    if count is not None:
        node.replace(_call("MIN_BY", node.this, node.this.copy(), count))


def _of_known(node: exp.ArgMin | exp.ArgMax) -> None:
    # DuckDB's arg_min and arg_max pass over rows whose value is null, Spark's MIN_BY and MAX_BY do not.
    known = exp.Not(this=exp.Paren(this=exp.Is(this=node.this.copy(), expression=exp.Null())))
    held = node.parent
    if isinstance(held, exp.Filter):
        where = held.args["expression"]
        where.set("this", exp.And(this=exp.Paren(this=where.this), expression=known))
    else:
        node.replace(exp.Filter(this=node.copy(), expression=exp.Where(this=known)))


def _pattern(node: exp.RegexpLike | exp.RegexpFullMatch) -> None:
    # DuckDB's expressions are RE2's, Spark's are Java's.
    pattern = node.args["expression"]
    if not (isinstance(pattern, exp.Literal) and pattern.is_string):
        raise ValueError(f"an expression that is no constant: {node.sql()}")
    whole = isinstance(node, exp.RegexpFullMatch)
    text = exp.Literal.string(java_pattern(pattern.this, whole=whole))
    node.replace(exp.RegexpLike(this=node.this, expression=text))


def _percentile(node: exp.PercentileDisc) -> None:
    # The same in the words of the SQL standard; sqlglot gives an approximation.
    ordered = exp.Order(expressions=[exp.Ordered(this=node.this)])
    share = _call("PERCENTILE_DISC", node.args["expression"])
    node.replace(exp.WithinGroup(this=share, expression=ordered))


def _first_few(node: exp.Bracket) -> None:
    # Spark has no `list[:n]`.
    (part,) = node.expressions
    if isinstance(part, exp.Slice):
        if part.this is not None:
            raise ValueError(f"a part that does not begin at the first element: {node.sql()}")
        node.replace(_call("SLICE", node.this, _number(1), part.args["expression"]))


def _distinct_in_window(node: exp.Window) -> None:
    # Spark counts distinct values in groups, not in windows, and filters no window function.
    counted, condition = node.this, None
    if isinstance(counted, exp.Filter):
        counted, condition = counted.this, counted.args["expression"].this
    if not (isinstance(counted, exp.Count) and isinstance(counted.this, exp.Distinct)):
        return
    (value,) = counted.this.expressions
    if condition is not None:
        value = exp.Case(ifs=[exp.If(this=condition, true=value)])
    window = node.copy()
    window.set("this", _call("COLLECT_SET", value))
    node.replace(_call("SIZE", window))


def _replaced_columns(node: exp.Star) -> None:
    # `* REPLACE (x AS a)` becomes `* EXCEPT (a), x AS a`: other columns, in another order, which nothing depends on.
    replaced = node.args.get("replace")
    if not replaced:
        return
    node.set("replace", None)
    node.set("except_", [exp.to_identifier(column.alias) for column in replaced])
    whole = node.parent if isinstance(node.parent, exp.Column) else node
    selected = whole.parent
    if not isinstance(selected, exp.Select):
        raise TypeError(f"a star outside the columns of a query: {node.sql()}")
    selected.set("expressions", [*selected.expressions, *replaced])


def _wide_integer(node: exp.DataType) -> None:
    # Sums of counts that anybody may have written need more than 64 bits.
    if node.this is exp.DType.INT128:
        node.replace(exp.DataType.build("DECIMAL(38, 0)"))


_RULES: Final[Mapping[type[exp.Expression], Callable[[Any], None]]] = MappingProxyType(
    {
        exp.Star: _replaced_columns,
        exp.Anonymous: _function,
        exp.Min: _least_few,
        exp.ArgMin: _of_known,
        exp.ArgMax: _of_known,
        exp.RegexpLike: _pattern,
        exp.RegexpFullMatch: _pattern,
        exp.PercentileDisc: _percentile,
        exp.Bracket: _first_few,
        exp.Window: _distinct_in_window,
        exp.DataType: _wide_integer,
    }
)
