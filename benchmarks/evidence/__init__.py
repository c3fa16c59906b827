"""Comparisons of scores on real photos, at equal steps, over several seeds; no figure of speed."""
