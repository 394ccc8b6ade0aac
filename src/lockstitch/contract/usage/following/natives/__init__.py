"""What the platform and the libraries of front ends do with values."""
