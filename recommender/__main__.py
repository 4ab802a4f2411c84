"""`python -m recommender` is `netpol-recommend`."""

from recommender.cli.main import main

if __name__ == "__main__":
    main()
