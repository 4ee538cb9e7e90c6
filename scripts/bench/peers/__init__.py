"""What a competent user of other software would build for the same task, behind the same HTTP interface."""
