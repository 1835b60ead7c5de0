/**
 * The socket under the protocol clients of the benchmark: hands over chunks as they come, and
 * fails whoever waits when the connection ends. No timeouts per reply: a connection that says nothing for long is
 * cut, unless it is meant to be silent.
 */
import type { Buffer } from 'node:buffer';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Place {
  readonly port: number;
  readonly tls?: boolean;
  /** Another loopback address to come from: servers count connections per address. */
  readonly from?: string;
  /** Whether nothing may come for as long as it likes: it idles. */
  readonly patient?: boolean;
}

const silenceMs = 60_000;

/** Opens a connection; `take` gets all that arrives, `lost` the reason when it ends. */
export function openWire(
  place: Place,
  take: (chunk: Buffer) => void,
  lost: (error: Error) => void,
): Promise<Socket> {
  const { port, tls = false, from, patient = false } = place;
  const where = { host: '127.0.0.1', port, ...(from === undefined ? {} : { localAddress: from }) };
  const plain = connect(where).setNoDelay(true);
  const socket = tls ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain;
  let reason = new Error('the server closed the connection');
  for (const each of new Set([plain, socket])) {
    each.on('error', (error) => {
      reason = error;
    });
  }
  socket.on('data', take);
  plain.on('close', () => lost(reason));
  if (!patient)
    plain.setTimeout(silenceMs, () => plain.destroy(new Error(`nothing came for ${silenceMs / 1000} s`)));
  return new Promise((resolve, reject) => {
    socket.once(tls ? 'secureConnect' : 'connect', () => resolve(socket));
    plain.once('close', () => reject(reason));
  });
}
