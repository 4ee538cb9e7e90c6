"""Exchange formats ⇄ models. Each reads rows and gives records or reasons; none knows storage."""
