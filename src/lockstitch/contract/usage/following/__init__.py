"""Following values through the sources of a front end."""
