"""Pictures that shoppers send: made safe, kept, shown for a while, and removed again."""
