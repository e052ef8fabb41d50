"""E-mails to the brand's support address, which become tickets."""
