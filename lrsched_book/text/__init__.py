"""The embedded text, its licence, and the script that drew it."""
