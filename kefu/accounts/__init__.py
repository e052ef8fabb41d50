"""People who log in to the desk."""

from kefu.accounts.first import create_admin_once, reset_admin_password

__all__ = ["create_admin_once", "reset_admin_password"]
