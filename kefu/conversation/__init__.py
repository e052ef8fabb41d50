"""The talk between one shopper and whoever serves them."""
