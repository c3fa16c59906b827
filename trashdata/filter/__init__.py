"""Filtering: classes renamed, united or dropped, small objects left out."""
