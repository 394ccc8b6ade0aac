"""What joins the tiers: the running service, the contract, and what is written against it."""
