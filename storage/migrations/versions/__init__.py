"""The steps, oldest first; each is frozen once released."""
