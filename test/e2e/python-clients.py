"""Python's own mail clients against a running Postfold: submit, search, fetch, flag, retrieve, delete."""
import imaplib
import poplib
import smtplib
import ssl
import sys
from email.message import EmailMessage

submission, imap, pop3 = map(int, sys.argv[1:4])
user, password = sys.argv[4:6]
host = "127.0.0.1"
tls = ssl.create_default_context()
tls.check_hostname = False
tls.verify_mode = ssl.CERT_NONE

message = EmailMessage()
message["From"] = user
message["To"] = user
message["Subject"] = "Grüße aus Python"
message.set_content("a line\n.a dotted line\nlast\n")
message.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="octet-stream", filename="all.bin")

with smtplib.SMTP(host, submission) as client:
    client.starttls(context=tls)
    client.login(user, password)
    client.send_message(message)

with imaplib.IMAP4(host, imap) as client:
    client.starttls(tls)
    client.login(user, password)
    client.select("INBOX")
    _, found = client.uid("SEARCH", "HEADER", "Subject", '"Python"')
    uids = found[0].split()
    assert len(uids) == 1, f"one message expected, {uids} found"
    _, fetched = client.uid("FETCH", uids[0], "(FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])")
    over_imap = fetched[0][1]
    assert b"\r\n.a dotted line\r\n" in over_imap
    _, stored = client.uid("STORE", uids[0], "+FLAGS", r"(\Answered custom-keyword)")
    assert b"custom-keyword" in stored[0]
    client.create("Proj&AOkA6Q-/sub")
    status, _ = client.uid("COPY", uids[0], '"Proj&AOkA6Q-/sub"')
    assert status == "OK"
    _, listed = client.list()
    assert any(b'"Proj&AOkA6Q-/sub"' in line or b"Proj&AOkA6Q-/sub" in line for line in listed), listed
    status, _ = client.append("Drafts", r"(\Draft)", None, b"Subject: a draft\r\n\r\nunfinished\r\n")
    assert status == "OK"
    assert client.status("Drafts", "(MESSAGES UNSEEN)")[1][0].endswith(b"(MESSAGES 1 UNSEEN 1)")

client = poplib.POP3(host, pop3)
client.stls(tls)
client.user(user)
client.pass_(password)
count, _ = client.stat()
_, lines, _ = client.retr(count)
assert b"\r\n".join(lines) + b"\r\n" == over_imap, "POP3 and IMAP differ"
_, uidl, _ = client.uidl()
assert len(uidl) == count
client.dele(count)
client.rset()
client.dele(count)
client.quit()

client = poplib.POP3(host, pop3)
client.stls(tls)
client.user(user)
client.pass_(password)
assert client.stat()[0] == count - 1, "the delete took effect at QUIT"
client.quit()
print("smtplib, imaplib and poplib agree")
