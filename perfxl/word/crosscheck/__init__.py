"""The text of a report held against its table."""
