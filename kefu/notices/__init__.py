"""What shoppers are told outside the chat: by SMS, e-mail or the shop's webhook."""
