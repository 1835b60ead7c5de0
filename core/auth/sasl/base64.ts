/**
 * Base64 as SASL profiles carry it: one line, standard alphabet, padded (RFC 4648 4). Node's
 * own decoder forgives anything, so what it decoded is written again and compared.
 */

/** The octets, or undefined if the text is not canonical base64. */
export function decodeBase64(text: string): Buffer | undefined {
  const octets = Buffer.from(text, 'base64');
  return octets.toString('base64') === text ? octets : undefined;
}

/** An initial response as RFC 4954 4 and RFC 5034 4 send it: '=' alone stands for an empty one. */
export function decodeInitialResponse(text: string): Buffer | undefined {
  return text === '=' ? Buffer.alloc(0) : decodeBase64(text);
}
