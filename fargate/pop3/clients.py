"""Holds a POP3 session as a mail program does, with Python's own client, and prints what it saw as JSON.

Arguments: port, 'stls' or 'tls', login, password, number of a message to delete (0: none).
"""
import base64
import json
import poplib
import ssl
import sys

port, security, login, password, doomed = sys.argv[1:]
poplib._MAXLINE = 100_000
context = ssl.create_default_context()
context.check_hostname = False
context.verify_mode = ssl.CERT_NONE
if security == 'tls':
    client = poplib.POP3_SSL('127.0.0.1', int(port), context=context, timeout=10)
else:
    client = poplib.POP3('127.0.0.1', int(port), timeout=10)
    client.stls(context)
client.user(login)
client.pass_(password)
count, octets = client.stat()
seen = {
    'count': count,
    'octets': octets,
    'capabilities': sorted(client.capa()),
    'list': [line.decode() for line in client.list()[1]],
    'uidl': [line.decode() for line in client.uidl()[1]],
    'messages': [
        base64.b64encode(b''.join(line + b'\r\n' for line in client.retr(number + 1)[1])).decode()
        for number in range(count)
    ],
    'tops': [len(client.top(number + 1, 1)[1]) for number in range(count)],
}
if int(doomed):
    client.dele(int(doomed))
client.quit()
print(json.dumps(seen))
