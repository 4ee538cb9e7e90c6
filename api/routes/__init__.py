"""The addresses of the HTTP API. Each route parses, calls one function and presents."""
