"""What hookkit costs, measured against the alternatives on the same servers in the same run: ``make bench``."""
