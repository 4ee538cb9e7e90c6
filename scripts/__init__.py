"""What a person runs: the `kindred` command line, set-up, serve and test."""
