/**
 * The embedded AWS as the `requestHandler` of an SDK client: no socket, no copies of
 * bodies. It imports no SDK; the shapes are those of the SDK's own HTTP handlers.
 */
import { Readable } from 'node:stream';
import { asBuffer, discard, NO_BYTES } from './bytes.ts';
import type { AwsRequest, AwsResponse } from './types.ts';

/** What the SDK hands to a handler. */
export interface SdkRequest {
  readonly method: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Instead of `body`, for a JSON service: the input itself, which may be changed; a success then has text for a body. */
  readonly input?: Record<string, unknown> | undefined;
}

export interface SdkResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

export interface InProcessHandler {
  readonly metadata: { readonly handlerProtocol: string };
  handle(request: SdkRequest, options?: SdkHandlerOptions): Promise<{ response: SdkResponse }>;
  updateHttpClientConfig(): void;
  httpHandlerConfigs(): Record<string, never>;
  destroy(): void;
}

interface SdkHandlerOptions {
  readonly abortSignal?: unknown;
}

export function createRequestHandler(
  dispatch: (request: AwsRequest) => Promise<AwsResponse>,
): InProcessHandler {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, options) {
      const signal = options?.abortSignal instanceof AbortSignal ? options.abortSignal : undefined;
      if (signal?.aborted) throw abortError();
      if (request.input !== undefined)
        return { response: toSdkResponse(request, await dispatch(withInput(request))) };
      const work = dispatch(await toAwsRequest(request, signal));
      const response = signal ? await abortable(work, signal) : await work;
      return { response: toSdkResponse(request, response) };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  };
}

const NO_QUERY = new URLSearchParams();

function withInput({ method, path, headers, input }: SdkRequest): AwsRequest {
  return { method, path, query: NO_QUERY, headers, body: NO_BYTES, input };
}

async function toAwsRequest(request: SdkRequest, signal: AbortSignal | undefined): Promise<AwsRequest> {
  const { method, path } = request;
  const headers = lowerCased(request.headers);
  headers.host ??= request.port === undefined ? request.hostname : `${request.hostname}:${request.port}`;
  return { method, path, query: toQuery(request.query), headers, body: await toBody(request.body), signal };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  const lower: Record<string, string> = {};
  for (const name in headers) lower[name.toLowerCase()] = String(headers[name]);
  return lower;
}

function toQuery(query: SdkRequest['query']): URLSearchParams {
  const result = new URLSearchParams();
  for (const name in query) {
    const value = query[name];
    if (Array.isArray(value)) for (const each of value) result.append(name, each);
    else result.append(name, typeof value === 'string' ? value : '');
  }
  return result;
}

async function toBody(body: unknown): Promise<AwsRequest['body']> {
  if (body === undefined || body === null) return NO_BYTES;
  if (body instanceof Uint8Array) return body;
  if (typeof body === 'string') return Buffer.from(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer());
  if (isIterable(body)) return binary(body);
  throw new TypeError('the request body is of a kind the in-process handler does not take');
}

function isIterable(body: unknown): body is AsyncIterable<Uint8Array | string> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

/** Streams of the SDK mix strings (chunk sizes) and bytes. */
async function* binary(body: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

/** Only GetObject's answer is handed on as a stream; others the SDK collects, and takes bytes as they are. */
function toSdkResponse(request: SdkRequest, { status, headers, body, text }: AwsResponse): SdkResponse {
  if (text !== undefined) return { statusCode: status, headers: {}, body: text };
  const streamed = !(body instanceof Uint8Array) || request.query?.['x-id'] === 'GetObject';
  return { statusCode: status, headers: { ...headers }, body: streamed ? toReadable(body) : body };
}

function toReadable(body: AwsResponse['body']): Readable {
  if (body instanceof Readable) return body;
  if (!(body instanceof Uint8Array)) return Readable.from(body, { objectMode: false });
  const readable = new Readable({ read() {} });
  if (body.byteLength > 0) readable.push(asBuffer(body));
  readable.push(null);
  return readable;
}

/** The caller hears of an abort at once; the answer that comes too late is let go. */
function abortable(work: Promise<AwsResponse>, signal: AbortSignal): Promise<AwsResponse> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(abortError());
    signal.addEventListener('abort', abort, { once: true });
    const answered = (response: AwsResponse) => (signal.aborted ? discard(response.body) : resolve(response));
    work.then(answered, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

function abortError(): Error {
  return Object.assign(new Error('Request aborted'), { name: 'AbortError' });
}
