"""A shop's own server as the way in and out: signed POSTs both ways."""
