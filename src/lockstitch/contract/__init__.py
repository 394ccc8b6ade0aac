"""The contract: documents, the schema algebra, and the TypeScript that is generated from them.

Nothing in this room needs a server or a database.
"""
