"""The nouns of Kindred: its data types, parsed and validated. Nothing here knows web, database, arrays or the clock."""
