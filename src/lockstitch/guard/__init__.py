"""What joins the tiers: a contract, the application behind it, its callers and its tables."""
