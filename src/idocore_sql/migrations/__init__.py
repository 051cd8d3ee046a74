"""Alembic's migrations of the fixed tables."""
