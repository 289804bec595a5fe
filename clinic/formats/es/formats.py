"""Spanish as it is written in the United States: dates as in Django's own Spanish, numbers with a decimal point."""

DECIMAL_SEPARATOR = "."
THOUSAND_SEPARATOR = ","
