"""Benchmarks: ratios against named peers in one run, never bars in a test."""
