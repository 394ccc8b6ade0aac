"""Attacking the isolation of tenants on a real server: who can reach whose rows, and how.

Two organisations are made inside one transaction, with rows in every table through its foreign
keys. Then every actor who must not reach the rows of the second one tries to, with every verb.
What counts is what happened to those rows, not what a statement answered. All is rolled back.
"""
