"""What Kindred keeps, and the only place that speaks SQL. A newcomer's answers are never among it."""
