"""Tenants attacked over HTTP, by what the contract says: `lockstitch verify --isolation`."""
