"""Contract-true values and answers: the same from `lockstitch mock` and from a generated mock.ts.

A schema becomes a `Recipe` once. Python and TypeScript follow a recipe with the same random
numbers, so that one seed gives one value in both.
"""
