"""What the commands cost, as ratios that are taken within one run; see README.md."""
