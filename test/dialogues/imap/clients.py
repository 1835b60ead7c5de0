"""imaplib against the IMAP server: argv is the port, then 'tls' or 'starttls'."""
import imaplib
import ssl
import sys
import time

port, security = int(sys.argv[1]), sys.argv[2]
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE
if security == "tls":
    client = imaplib.IMAP4_SSL("127.0.0.1", port, ssl_context=tls)
else:
    client = imaplib.IMAP4("127.0.0.1", port)
    assert "LOGINDISABLED" in client.capabilities
    client.starttls(tls)
client.authenticate("PLAIN", lambda _: b"\0ann@example.org\0se cret")


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


message = b"Subject: large\r\n\r\n" + b"x" * 3_000_000 + b"\r\n"
ok(client.append("INBOX", r"(\Flagged)", imaplib.Time2Internaldate(time.time()), message))
assert ok(client.select("INBOX")) == [b"1"]
fetched = ok(client.fetch("1", "(RFC822)"))
assert fetched[0][1] == message
assert ok(client.fetch("1", "(BODY.PEEK[TEXT]<2999990.100>)"))[0][1] == message[-12:]
assert b"\\Seen" in ok(client.fetch("1", "(FLAGS)"))[0]
assert ok(client.uid("SEARCH", None, "SUBJECT", '"LARGE"')) == [b"1"]
ok(client.create('"A/B"'))
ok(client.copy("1", '"A/B"'))
ok(client.rename('"A"', '"C"'))
assert any(line.endswith(b" C/B") for line in ok(client.list()))
assert ok(client.status('"C/B"', "(MESSAGES UIDNEXT)"))[0].endswith(b"(MESSAGES 1 UIDNEXT 2)")
ok(client.store("1", "+FLAGS", r"(\Deleted)"))
assert ok(client.expunge()) == [b"1"]
ok(client.close())
ok(client.delete('"C/B"'))
assert ok(client.getquotaroot("INBOX"))[0] == [b"INBOX"]
client.logout()
print("imaplib agrees")
