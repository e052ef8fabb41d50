"""What the queue for people carries, and whether the waits it tells come true."""
