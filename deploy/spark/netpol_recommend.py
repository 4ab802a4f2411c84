"""What `spark-submit` starts: it takes Python files only, and hands on the arguments after this one."""

from recommender.cli.main import main

main()
