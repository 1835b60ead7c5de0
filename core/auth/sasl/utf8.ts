/** Strict UTF-8, since a login that was mended is another login. */

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text, or undefined if the octets are not UTF-8. */
export function decodeUtf8(octets: Uint8Array): string | undefined {
  try {
    return decoder.decode(octets);
  } catch {
    return undefined;
  }
}
