"""Why another machine could not be reached, in words that repeat nothing of what it was told."""

import socket
import ssl
from smtplib import SMTPAuthenticationError, SMTPNotSupportedError

WORDS: tuple[tuple[type[Exception], str], ...] = (
    (SMTPAuthenticationError, "it refuses the name or the password"),
    (SMTPNotSupportedError, "it offers no TLS, or no sign-in"),
    (ConnectionRefusedError, "nothing listens there"),
    (TimeoutError, "it does not answer in time"),
    (socket.gaierror, "its name is not known"),
    (ssl.SSLError, "it does not speak TLS as it should"),
)


def reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate cannot be trusted ({error.verify_message})"
    return next((words for kind, words in WORDS if isinstance(error, kind)), type(error).__name__)
