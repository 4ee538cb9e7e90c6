"""The decision: pure functions over `models` and arrays. Start reading at `matcher.recommend`."""
