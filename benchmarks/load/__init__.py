"""What one desk and one engine carry: messages a second, idle sockets, and twice too much."""
