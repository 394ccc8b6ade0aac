"""The contract: documents, their export from an application, and the TypeScript made from them.

Nothing in this room needs a server or a database.
"""
