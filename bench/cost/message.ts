/** Messages of a given size: a header as mail has it, text, and from some size on an attachment. */

const line = 'The quick brown fox jumps over the lazy dog, and says so in a line of text.\r\n';
const plainBytes = 20_000;

/** Plain text when small; else a short text and one attachment. CRLF line ends. */
export function messageOf(sizeBytes: number, author = 'anna.smith@sender.example'): Buffer {
  const header = [
    'Date: Mon, 23 Nov 2026 10:00:00 +0100',
    `From: "Smith, Anna" <${author}>`,
    'To: Bob <bob@example.test>',
    'Subject: Re: Minutes of the meeting in November',
    'Message-ID: <b9c1f1e2-77aa-4f43-9d0c-1f6f2b1f7a11@sender.example>',
    'In-Reply-To: <a1b2c3@example.test>',
    'MIME-Version: 1.0',
  ].join('\r\n');
  if (sizeBytes <= plainBytes) {
    const head = `${header}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n`;
    return Buffer.from(head + filled(sizeBytes - head.length));
  }
  const head = [
    `${header}\r\nContent-Type: multipart/mixed; boundary="==outer"\r\n`,
    '--==outer\r\nContent-Type: text/plain; charset=utf-8\r\n',
    filled(2000),
    '--==outer\r\nContent-Type: application/pdf; name="minutes.pdf"',
    'Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="minutes.pdf"\r\n\r\n',
  ].join('\r\n');
  const tail = '\r\n--==outer--\r\n';
  return Buffer.from(head + base64(sizeBytes - head.length - tail.length) + tail);
}

function filled(octets: number): string {
  const text = line.repeat(Math.max(0, Math.floor(octets / line.length)));
  return text === '' ? 'Hello.\r\n' : text;
}

function base64(octets: number): string {
  const row = `${'QUJD'.repeat(19)}\r\n`;
  return row.repeat(Math.max(1, Math.floor(octets / row.length)));
}
