"""What holds the tiers of an application against each other."""
