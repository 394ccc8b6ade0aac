"""What a running product tells Prometheus: measured, kept in files of all processes, and served."""
