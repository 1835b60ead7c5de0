/**
 * The short way from an SDK client to an AWS in the same process: an answer that says success is
 * taken as it is; any other is handed to the SDK as the first attempt's, which then decides about
 * errors and retries as always. Knows no operation (shortcut-codecs.ts); docs/adr/0002.
 */
import type { MetadataBearer, MiddlewareStack } from '@smithy/types';

/** What the SDK's own HTTP handlers take and give, as far as it is used here. */
export interface PlainRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body?: Uint8Array | string;
  /** Instead of `body`: the input of a JSON service, which may be changed; a success then has text for a body. */
  readonly input?: Record<string, unknown>;
}

export interface PlainResponse {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

export interface InProcessHandler {
  handle(request: PlainRequest): Promise<{ readonly response: PlainResponse }>;
}

/** One operation: its input as a request, undefined for an input it does not know in full; a success as output. */
export interface Codec {
  request(input: object): PlainRequest | undefined;
  output(response: PlainResponse): object;
}

/** By the name of the command. */
export type Codecs = ReadonlyMap<string, Codec>;

type Answer = { readonly response: PlainResponse } | { readonly failure: unknown };

/** An answer on its way to the SDK, as a member of the input: the SDK copies inputs, and sends only members it knows. */
const brought = Symbol('brought');
type Bringing = { readonly [brought]?: { answer: Answer | undefined } };

/** Puts the short way in front of all else that a client does with the commands of `codecs`. */
export function takeShortcut<Input extends object, Output extends MetadataBearer>(
  stack: MiddlewareStack<Input, Output>,
  handler: InProcessHandler,
  codecs: Codecs,
): void {
  stack.add(
    (next, { commandName = '' }) => {
      const codec = codecs.get(commandName);
      if (codec === undefined) return next;
      return async (args) => {
        const request = codec.request(args.input);
        if (request === undefined) return next(args);
        const answer = await ask(handler, request);
        if ('response' in answer && isSuccess(answer.response)) {
          const output = { $metadata: {}, ...codec.output(answer.response) };
          return { response: answer.response, output: output as unknown as Output };
        }
        return next({ ...args, input: { ...args.input, [brought]: { answer } } });
      };
    },
    { step: 'initialize', priority: 'high', name: 'shortcut' },
  );
  stack.add(
    (next) => async (args) => {
      const found = (args.input as Bringing)[brought];
      const answer = found?.answer;
      if (found === undefined || answer === undefined) return next(args);
      found.answer = undefined;
      if ('failure' in answer) throw answer.failure;
      return { response: answer.response };
    },
    { step: 'deserialize', priority: 'low', name: 'shortcutAnswer' },
  );
}

async function ask(handler: InProcessHandler, request: PlainRequest): Promise<Answer> {
  try {
    return await handler.handle(request);
  } catch (failure) {
    return { failure };
  }
}

function isSuccess({ statusCode }: PlainResponse): boolean {
  return statusCode >= 200 && statusCode < 300;
}
