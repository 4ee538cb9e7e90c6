"""`kindred bench`: how fast Kindred is, measured beside other ways of doing the same, in one run on one machine."""
