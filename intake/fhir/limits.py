"""The sizes that a form and its answers may have."""

FILE_BYTES = 512_000
JSON_DEPTH = 64  # a form of full item depth needs about 25, a response about 40
ITEMS = 500
ITEM_DEPTH = 8
OPTIONS = 250  # per item
CONDITIONS = 20  # per item, and per alert
LINK_ID = 255  # characters, as the next four
ITEM_TEXT = 10_000
OPTION_TEXT = 500
ANSWER_TEXT = 4_000
IDENTIFIER = 1_000  # code, system, and what else is one line
URL = 500
VERSION = 100
NAME = 200
TITLE = 500
CODE = 100  # of an alert, a band, a total
BANDS = 50
DECLARATIONS = 100  # scores and alerts of a form
NUMBER_DIGITS = 15  # a JSON reader that uses doubles keeps them all
FAULTS = 100  # listed before the rest is left out
INTEGERS = range(-(2**31), 2**31)  # FHIR integer
