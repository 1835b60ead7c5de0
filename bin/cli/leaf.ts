/**
 * One administrative command: its common options, its run against AWS, its answer as text or
 * JSON, and its exit code: 0 done, 1 refused or failed, 2 not understood.
 */
import { type Command, InvalidArgumentError } from 'commander';
import type { Outcome } from '../../core/service/provision/outcome.ts';
import type { Io } from './io.ts';
import type { AdminServices, Connect } from './services.ts';

export const refusedExitCode = 1;
export const usageExitCode = 2;

/** What a command answers: for people, and the same for programs. */
export interface Answer {
  readonly text: string;
  readonly json: unknown;
}

export interface Shell {
  readonly connect: Connect;
  readonly io: Io;
}

/** Option values by their camel-case name. */
export interface Options {
  readonly json?: boolean;
  readonly awsEndpoint?: string;
  readonly awsPort?: string;
  readonly [name: string]: unknown;
}

/** A command did not get what it needs to run at all. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Leaf {
  /** Name and arguments as commander writes them: `add <domain>`. */
  readonly usage: string;
  readonly about: string;
  /** Without `postfold` in front. */
  readonly examples: readonly string[];
  /** Flags and description; flags ending in `...` may be repeated. */
  readonly options?: readonly (readonly [string, string])[];
  run(services: AdminServices, args: readonly string[], options: Options, io: Io): Promise<Outcome<Answer>>;
}

/** A group of commands under one noun, with aliases for none. */
export function group(
  program: Command,
  name: string,
  about: string,
  shell: Shell,
  leaves: readonly Leaf[],
): Command {
  const parent = program.command(name).description(about);
  for (const leaf of leaves) addLeaf(parent, leaf, shell);
  return parent;
}

function addLeaf(parent: Command, leaf: Leaf, shell: Shell): void {
  const command = parent.command(leaf.usage).description(leaf.about);
  for (const [flags, about] of leaf.options ?? []) command.option(flags, about);
  command
    .option('--json', 'answer in JSON')
    .option('--aws-port <port>', 'port of the embedded AWS on this machine', parsePort)
    .option('--aws-endpoint <url>', 'URL of another endpoint')
    .addHelpText(
      'after',
      `\nExamples:\n${leaf.examples.map((example) => `  postfold ${example}`).join('\n')}\n`,
    )
    .action(async () => {
      const args = command.processedArgs.flat().filter((arg) => arg !== undefined) as readonly string[];
      await perform(leaf, args, command.opts(), shell);
    });
}

async function perform(leaf: Leaf, args: readonly string[], options: Options, shell: Shell): Promise<void> {
  const { io } = shell;
  try {
    const services = await shell.connect({ endpoint: endpointOf(options) });
    try {
      const outcome = await leaf.run(services, args, options, io);
      if ('refused' in outcome) {
        io.err(`postfold: ${outcome.refused}`);
        return io.exitCode(refusedExitCode);
      }
      io.out(options.json ? JSON.stringify(outcome.done.json, undefined, 2) : outcome.done.text);
    } finally {
      services.close();
    }
  } catch (error) {
    io.err(`postfold: ${oneLine(error)}`);
    io.exitCode(error instanceof UsageError ? usageExitCode : refusedExitCode);
  }
}

function endpointOf({ awsEndpoint, awsPort }: Options): string | undefined {
  if (awsEndpoint === undefined) return awsPort === undefined ? undefined : `http://127.0.0.1:${awsPort}`;
  if (!/^https?:\/\/[^/]/.test(awsEndpoint)) {
    throw new UsageError(`--aws-endpoint is no URL: ${awsEndpoint}`);
  }
  return awsEndpoint;
}

function parsePort(text: string): string {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return text;
  throw new InvalidArgumentError('it must be 1 to 65535');
}

/** The innermost reason of a failure, in one line. */
function oneLine(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED')
    return 'AWS does not answer: is Postfold running? (--aws-port, --aws-endpoint)';
  if (cause.name === 'ResourceNotFoundException')
    return 'the tables do not exist: was Postfold started or deployed here?';
  return (cause.message || code || cause.name).replaceAll(/\s+/g, ' ');
}

/** The value of an option that takes one. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** Turns the value of a good outcome into an answer. */
export function answer<Value>(outcome: Outcome<Value>, show: (value: Value) => Answer): Outcome<Answer> {
  return 'refused' in outcome ? outcome : { done: show(outcome.done) };
}
