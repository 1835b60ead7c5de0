/** Sends +OK and a message as a multi-line response, chunk by chunk, never faster than the client reads. */
import type { Connection } from '../wire/connection.ts';
import { MultilineEncoder } from './multiline.ts';
import { ok } from './reply.ts';

/** The response had begun when its source failed: nothing sensible can follow on this connection. */
export class ResponseCutOff extends Error {
  override readonly name = 'ResponseCutOff';
}

/** Throws what the source throws if nothing was sent yet, ResponseCutOff later, ConnectionEnded from the peer. */
export async function sendMessage(
  connection: Connection,
  text: string,
  source: AsyncIterable<Uint8Array>,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  let chunk = await chunks.next();
  const encoder = new MultilineEncoder();
  try {
    await connection.write(ok(text));
    while (!chunk.done) {
      await connection.write(encoder.encode(chunk.value));
      chunk = await chunks.next().catch((cause: unknown) => {
        throw new ResponseCutOff('the message could not be read to its end', { cause });
      });
    }
    await connection.write(encoder.end());
  } finally {
    await chunks.return?.();
  }
}
