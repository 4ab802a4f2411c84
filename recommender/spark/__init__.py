"""Apache Spark in DuckDB's place: the same statements, the same answers, on more machines than one."""
