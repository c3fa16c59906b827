"""``--report``: quality of the labels that would be kept, against true labels."""
