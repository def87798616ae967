"""The one form in which an e-mail address is looked for, whoever typed it."""

from functions.errors import Invalid, Violation


def canonical(text: str, *, pointer: str = "/identity/email") -> str:
    """The address with its domain in lower case; the part before the @ stays as it is, because servers may tell it apart.

    Raises:
        Invalid: it cannot be an address, or not one in ASCII.
    """
    from email_validator import EmailNotValidError, validate_email  # noqa: PLC0415 - most acts carry no address

    try:
        parsed = validate_email(text, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        expected = [Violation(pointer, "an e-mail address, in ASCII before the @")]
        raise Invalid("The e-mail address cannot be one, or is one that is not in ASCII before the @.", expected) from error
    return parsed.ascii_email or parsed.normalized
