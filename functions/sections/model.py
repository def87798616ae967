"""The places that ask."""

from enum import StrEnum


class Section(StrEnum):
    """Where in a storefront an act was made."""

    BANNER = "banner"
    REGISTRATION = "registration"
    CONTACT = "contact"
    CHECKOUT = "checkout"
    NEWSLETTER = "newsletter"
    LOGIN = "login"
