"""The ground of the API: parsing, problems, pages, request log, base view."""
