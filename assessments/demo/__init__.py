"""The demo world: obviously fictional people and companies, on `.example` domains. Never in production."""
