"""One-time codes: sent to an account's own phone or e-mail, entered in a secure input.

A code is never a message, an event or a log line. It derives from the verification's id and a
key, so that whatever is repeated sends the same one; the database keeps a keyed hash.
"""
