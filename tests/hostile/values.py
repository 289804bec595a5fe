"""What hostile requests are made of."""

MARK = "x-probe"  # nothing of ours has it, so whatever holds it came from here
PROBE = f"\"'><{MARK}>"
URLENCODED = "application/x-www-form-urlencoded"

# Typed into a field.
TEXTS = (
    *("\0", "a\0b", "\x7f\x80\x9f", "\u202etxt.exe", "\u2066\u2069\u200f", "\ufeff", "\ud800", "\udfff\ud800"),
    *("\U0010ffff", "Z\u0321\u0325" * 300, "\ufdfd" * 500, "İıſﬁ", "½", "٣", "a" * 100_000, "9" * 5000),
    *(" ", "\t", "\n" * 2000, "-1", "1e309", "NaN", "Infinity", "0x1F", "2147483648", "true", "null", "[]", "{}"),
    *("0000-00-00", "2024-02-30", "a@b", "x@[127.0.0.1]", "+" * 400, "+1 212 555 0100 ext 9" + "9" * 30),
    *("=cmd|' /C calc'!A0", "@SUM(1+1)", "' OR 1=1--", '"; DROP TABLE x;--', "%s%n%x", "${jndi:ldap://127.0.0.1/}"),
    *("{{7*7}}", "{% load i18n %}", "../../../../etc/passwd", "\r\nX-Probe: 1", "\r\nBcc: x@example.org"),
    *("//x.example", "javascript:alert(1)", "<svg/onload=alert(1)>", "</textarea><script>alert(1)</script>", "<!--"),
)

# Put into a query or a body as they are: not percent-encoded, or not UTF-8.
BYTES = (
    *(b"%00", b"%ED%A0%80", b"%C0%AF", b"%C0%80", b"%FF%FE", b"%F8%88%80%80%80", b"%", b"%zz", b"%u0041", b"%0d%0a"),
    *(b"%E2%80%AE", b";", b"&&&", b"=", b"+" * 500),
)

CHARSETS = ("utf-16", "utf-7", "hex", "rot13", "base64", "idna", "undefined", "unicode_escape", "mbcs", MARK, "")
CONTENT_TYPES = (
    *("", "/", ";", "text/plain", "application/json", "text/xml", "multipart/mixed; boundary=x", PROBE, "x" * 3000),
    *(f"{URLENCODED}; charset={name}" for name in CHARSETS),
    *(f"multipart/form-data; boundary=x; charset={name}" for name in CHARSETS),
)
BOUNDARIES = (
    "",
    "; boundary=",
    f"; boundary={'x' * 300}",
    '; boundary="\xe9"',
    "; boundary=x; boundary=y",
    "; BOUNDARY",
)
PARTS = (
    b"",
    b"--x",
    b"--x--\r\n",
    b"--x\r\n\r\n",
    b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="',
    b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="name"; filename="../../x-probe"\r\n\r\nv\r\n--x--\r\n',
    b"--x\r\nContent-Disposition: form-data; name*=utf-99''%ff\r\n\r\nv\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="name"\r\nContent-Type: a/b; charset=hex\r\n\r\nv\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="a\x00\xff"\r\n\r\n\x00\xff\r\n--x--\r\n',
    b"--x\r\n" + b"X-Probe: " + b"a" * 100_000 + b"\r\n\r\nv\r\n--x--\r\n",
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nv\r\n' * 200 + b"--x--\r\n",
    b'--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\nContent-Disposition: file; filename="x"\r\n\r\nv',
)

METHODS = ("PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "X-PROBE", "A" * 200)
HOSTS = ("evil.example", "localhost.evil.example", "localhost@evil.example", "[::", f"{MARK}.example", "a" * 300)
HEADERS = {
    "Accept": ("*/*;q=x", "text/html;q=9999999999", "a/" * 3000, PROBE),
    "Accept-Language": ("es", "xx-" * 500, "*;q=-1", "\xff", PROBE),
    "Accept-Encoding": ("gzip;q=0", "identity;q=0", "br, gzip, x", PROBE),
    "Range": ("bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,-1", f"bytes={'9' * 40}-", PROBE),
    "If-None-Match": ('W/"', "*", ",,,", '"' * 1000, PROBE),
    "If-Match": ('"x"', ",", PROBE),
    "If-Modified-Since": ("x", "Mon, 99 Foo 9999 99:99:99 GMT", "Thu, 01 Jan 99999 00:00:00 GMT", PROBE),
    "If-Unmodified-Since": ("Thu, 01 Jan 1970 00:00:00 GMT", PROBE),
    "Referer": ("javascript:alert(1)", "http://[", f"https://x.example/{PROBE}", "\xff"),
    "User-Agent": ("", "() { :; }; echo", PROBE * 50),
    "X-Forwarded-For": ("127.0.0.1", "x", "1" * 3000, PROBE),
    "X-Forwarded-Host": ("evil.example", PROBE),
    "X-Forwarded-Port": ("x", PROBE),
    "X-HTTP-Method-Override": ("DELETE", PROBE),
    "X-Requested-With": ("XMLHttpRequest", PROBE),
    "X-Request-ID": (PROBE, "x" * 3000),
    "Authorization": ("Basic eDp4", "Bearer null", PROBE),
}

ENDINGS = (
    *(b"/..", b"/%2e%2e/", b"//", b"/%2f%2fevil.example/", b"/%5cevil.example", b"%00", b"%0d%0aX-Probe:%201", b";x=1"),
    *(b"/.", b"%20", b"%ed%a0%80", b"%c0%ae%c0%ae/", b"%C3%A9", b"%25%30%30", b"/" + b"a" * 3000, b"~", b".bak"),
    *(b"%22'%3E%3Cx-probe%3E", b"%E2%80%AE", b"9" * 30, b"*", b"/index.php"),
)
WANTED = (
    *(b"/.git/config", b"/.env", b"/wp-login.php", b"/server-status", b"/static/../clinic/settings.py", b"/media/"),
    *(b"/static/%2e%2e/%2e%2e/manage.py", b"//evil.example/", b"//evil.example/%2e%2e", b"/\\evil.example", b"/%00"),
)
QUERIES = (
    *(
        b"next=//evil.example/",
        b"next=https://evil.example/",
        b"return=%22'%3E%3Cx-probe%3E",
        b"q=%22'%3E%3Cx-probe%3E",
    ),
    *(b"q=" + b"a" * 3000, b"q=%ED%A0%80", b"q=%E2%80%AE", b"q[]=1&q=2&q=3", b"&".join([b"a=1"] * 1500), b"page=-1"),
    *(b"debug=1", b"lang=%22'%3E", b"_method=DELETE", b"format=json", b"%22'%3E%3Cx-probe%3E", b"__debug__=store"),
)
