/**
 * The HTTP/1.1 face of the embedded AWS, for the AWS CLI and other processes. Loopback
 * unless told otherwise: there is no authentication behind it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AwsRequest, AwsResponse } from './types.ts';

export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: a free port. */
  readonly port?: number;
}

const MAX_HEADER_BYTES = 32 * 1024;
/** A peer may take this long to send its headers. */
const HEADERS_TIMEOUT_MS = 30_000;
/** And this long for the whole request: 5 GB over a slow loopback. */
const REQUEST_TIMEOUT_MS = 3_600_000;
const KEEP_ALIVE_MS = 60_000;

/** @throws Error with a plain sentence when the port is taken */
export async function listenHttp(
  dispatch: (request: AwsRequest) => Promise<AwsResponse>,
  { host = '127.0.0.1', port = 0 }: ListenOptions,
): Promise<Listening> {
  const options = { maxHeaderSize: MAX_HEADER_BYTES, headersTimeout: HEADERS_TIMEOUT_MS };
  const server = createServer(
    { ...options, requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (incoming, outgoing) => void serve(dispatch, incoming, outgoing),
  );
  await listening(server, host, port);
  const address = server.address() as AddressInfo;
  const name = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, close: () => closed(server) };
}

function listening(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      reject(
        taken ? new Error(`port ${port} on ${host} is in use by another program`, { cause: error }) : error,
      );
    });
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(
  dispatch: (request: AwsRequest) => Promise<AwsResponse>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  // Nobody is authenticated here, and any web page may send a POST to loopback: browsers name its origin.
  if (incoming.headers.origin !== undefined) {
    outgoing.writeHead(403, { connection: 'close' }).end();
    return;
  }
  const gone = new AbortController();
  outgoing.on('close', () => gone.abort());
  try {
    const response = await dispatch(toAwsRequest(incoming, gone.signal));
    await send(response, incoming, outgoing);
  } catch {
    // An answer lost on purpose, or a peer that went away: either way nobody can be told.
    outgoing.destroy();
  }
}

function toAwsRequest(incoming: IncomingMessage, signal: AbortSignal): AwsRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    headers[name] = Array.isArray(value) ? value.join(',') : (value ?? '');
  }
  const target = incoming.url ?? '/';
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  return { method: incoming.method ?? 'GET', path, query, headers, body: incoming, signal };
}

async function send(
  response: AwsResponse,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const { status, headers, body } = response;
  // What the service did not read (it refused early) must not be taken for the next request.
  if (!incoming.complete) outgoing.setHeader('connection', 'close');
  outgoing.writeHead(
    status,
    body instanceof Uint8Array ? { 'content-length': body.byteLength, ...headers } : headers,
  );
  if (incoming.method === 'HEAD') outgoing.end();
  else if (body instanceof Uint8Array) outgoing.end(body);
  else await pipeline(Readable.from(body, { objectMode: false }), outgoing);
}
