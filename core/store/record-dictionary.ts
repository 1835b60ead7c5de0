/**
 * What envelopes, body structures and previews of mail have in common, for packed-record.ts: the
 * least frequent first. Format 2 of records at rest is made with it, so it never changes.
 */
export const recordDictionary = Buffer.from(
  [
    'Return-Path: <>\r\nAuthentication-Results: ; none\r\nReceived: from [IPv6: ([127.0.0.1])\r\n\tby mail with ESMTPSA id ',
    ';\r\n\tfor <>;\r\n\t spf=pass smtp.mailfrom= dkim=pass header.d= header.s= header.b= dmarc=pass header.from= ',
    'spf=none spf=fail dkim=none dmarc=none dmarc=fail policy= reason= Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ',
    'https://www.unsubscribe View this email in your browser. If you no longer wish to receive these emails ',
    'Sehr geehrte Damen und Herren, Hallo, vielen Dank für Ihre Mit freundlichen Grüßen und die der das ist nicht mit ',
    'Hi, Dear all, Hello, Good morning, Thank you for your order. Thanks for the please find attached you have been ',
    ' and the for with that this from your will on are is in to of a Best regards, Kind regards, ',
    '("message" "rfc822" NIL NIL NIL "7bit" ("message" "delivery-status" NIL NIL NIL "7bit" "report" ("report-type" ',
    '("application" "octet-stream" ("name" "application/vnd.openxmlformats-officedocument.wordprocessingml.document" ',
    'spreadsheetml.sheet" .docx" .xlsx" .zip" ("application" "pgp-signature" ("name" "signature.asc" "pkcs7-signature" "smime.p7s" "signed" ',
    '("text" "calendar" ("charset" "utf-8" "method" "REQUEST") NIL NIL "base64" ("image" "gif" ("name" "image001.jpg") ',
    '("image" "jpeg" ("name" ".jpeg") ("image" "png" ("name" "image001.png") "<image001.png@01D" NIL "base64" ',
    '("inline" ("filename" ".png")) NIL NIL) "related" ("boundary" "_004_" "type" "multipart/alternative" "text/html") NIL NIL NIL)',
    '("application" "pdf" ("name" ".pdf") NIL NIL "base64" NIL ("attachment" ("filename" ".pdf" "size" "creation-date" ',
    '(("text" "plain" ("charset" "iso-8859-1" "windows-1252" "us-ascii" "format" "flowed" "delsp" "yes") NIL NIL "8bit" "base64" ',
    '("text" "html" ("charset" "UTF-8") NIL NIL "quoted-printable" "7bit" NIL NIL NIL NIL) "alternative" ("boundary" "----=_Part_',
    '--_NextPart_000_" "_000_" "000000000000" "=_" "Apple-Mail=_") NIL NIL NIL)("application" "pdf" ("name" ".pdf") NIL NIL "base64" NIL ',
    '("attachment" ("filename" ".pdf")) NIL NIL) "mixed" ("boundary" "----=_NextPart_") NIL NIL NIL)',
    '1m,7,,,,,1a,7,,,(p,q,u,,,,(p,7,u,,,b,h,q,u,,,1,;)f,b,,a,=.pdf,d,;)',
    '(("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" NIL NIL NIL NIL)("text" "html" ("charset" "utf-8") NIL NIL "quoted-printable" NIL NIL NIL NIL)',
    '@outlook.com>" @prod.outlook.com>" @eurprd.prod.outlook.com>" @email.amazonses.com>" @localhost>" @mail.gmail.com>" "<CA+ "<',
    '=?utf-8?Q?_ =?UTF-8?B? =?iso-8859-1?Q? ?=" "undisclosed-recipients" NIL NIL) "noreply" "no-reply" "info" "support" "team" "newsletter" "notifications" ',
    '"github.com" "web.de" "gmx.de" "yahoo.com" "hotmail.com" "outlook.com" "googlemail.com" "gmail.com")) (("',
    '[1700000000,[17900000,[,[350,240,72,200,20,0]]\n',
    '("Thu, Tue, Wed, Fri, Sat, Sun, Mon, 2025 2027 2026 :00:00 +0000" +0100" +0200" -0700" -0400" "Invoice Order Your Meeting Fwd: Fw: AW: Re: ',
    '" NIL "" NIL ")) ((NIL NIL ".com")) (("',
    '" NIL NIL "<.com>" "<.com>") NIL NIL NIL NIL',
  ].join(''),
);
