"""The ways in: the shopper API and its WebSocket, and the webhook channel."""
