"""``--report``: how good the labels are that would be kept, where the truth is known."""
