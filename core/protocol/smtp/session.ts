/**
 * One SMTP session over a connection: greeting, commands one after another, replies in order.
 * Holds replies back while a pipelining client has sent more (RFC 2920 3.2), counts errors, and
 * maps what is thrown: the peer gone ends it, a failure is 451, a bug closes the session.
 */
import { AssertionError } from 'node:assert';
import type { Duplex } from 'node:stream';
import type { Clock } from '../../mail/ports/clock.ts';
import { Connection, ConnectionEnded, type Line } from '../wire/connection.ts';
import type { SmtpBackend } from './backend.ts';
import { assertServed } from './capabilities.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import type { Handler } from './commands/handler.ts';
import { mailParameters } from './commands/mail-parameters.ts';
import { commands } from './commands/table.ts';
import { type EndReason, type SmtpContext, type SmtpEvent, stateOf } from './context.ts';
import * as limits from './limits.ts';
import { bareLineEnd, encodeReply, farewell, isRefusal, type Reply, reply } from './reply.ts';
import { isSubmission, type SmtpSettings } from './settings.ts';

assertServed(new Set(commands.keys()), new Set(mailParameters.keys()));

export interface SmtpDependencies {
  readonly backend: SmtpBackend;
  readonly clock: Clock;
  readonly observe: (event: SmtpEvent) => void;
}

/** Serves one client to the end. Never rejects but for a bug; the stream is closed when it resolves. */
export async function serveSmtp(
  stream: Duplex,
  remoteAddress: string,
  dependencies: SmtpDependencies,
  settings: SmtpSettings,
  draining: AbortSignal,
): Promise<void> {
  const connection = new Connection(stream, limits.idleTimeoutMs);
  await new Session(connection, remoteAddress, dependencies, settings, draining).run();
}

/** Commands that bring mail forward; the others count against `maxIdleCommands`. */
const productive = new Set(['MAIL', 'RCPT', 'DATA', 'AUTH', 'STARTTLS']);
/** What a browser says that was lured to us: it must not go on to its body. */
const otherProtocols = new Set(['GET', 'POST', 'PUT', 'HEAD', 'CONNECT', 'OPTIONS']);

/** RFC 5321 4.5.3.1.10: one who sends more recipients than we take is right to go on with those that were taken. */
const tooManyRecipients = '4.5.3';

/** Commands whose arguments the log may show. */
const quotable = new Set(['EHLO', 'HELO', 'MAIL', 'RCPT']);

/** A client that does not listen sends its message now, and whoever wrote that would give us commands. */
const refusedDataFollowed = farewell(521, '5.5.1', 'DATA was refused, and no command follows it');

class Session {
  readonly #context: SmtpContext;
  readonly #connection: Connection;
  readonly #draining: AbortSignal;
  #held = '';
  #errors = 0;
  #idleCommands = 0;
  #lastVerb = '';
  /** DATA was the last command, and it was refused. */
  #dataRefused = false;

  constructor(
    connection: Connection,
    remoteAddress: string,
    { backend, clock, observe }: SmtpDependencies,
    settings: SmtpSettings,
    draining: AbortSignal,
  ) {
    this.#connection = connection;
    this.#draining = draining;
    this.#context = {
      settings,
      backend,
      clock,
      connection,
      remoteAddress,
      observe,
      helo: undefined,
      identity: undefined,
      open: undefined,
      authFailures: 0,
      send: (text) => this.#flush(text),
    };
  }

  async run(): Promise<void> {
    let reason: EndReason | undefined;
    try {
      const greeting = `${this.#context.settings.hostname} ESMTP Postfold`;
      await this.#flush(encodeReply({ code: 220, status: '', lines: [greeting] }));
      while (reason === undefined) reason = await this.#turn();
    } catch (error) {
      reason = await this.#broken(error);
    }
    await this.#connection.end();
    this.#context.observe({ kind: 'ended', reason, after: this.#lastVerb });
  }

  /** One command; why the session is over, if it is. */
  async #turn(): Promise<EndReason | undefined> {
    const { connection } = this.#context;
    this.#paceLogin();
    if (!connection.hasLine) await this.#flush('');
    if (!connection.hasInput && !(await connection.waitForInput(this.#draining))) {
      await this.#flush(encodeReply(farewell(421, '4.3.2', 'Shutting down, come back in a moment')));
      return 'draining';
    }
    const answer = await this.#answer();
    this.#held += encodeReply(answer);
    if (answer.after !== undefined || this.#held.length > limits.maxHeldReplyChars) await this.#flush('');
    if (answer.after === 'start-tls') await this.#startTls();
    if (answer.after !== 'close') return undefined;
    return isRefusal(answer) ? 'sent away' : 'quit';
  }

  async #answer(): Promise<Reply> {
    const line = await this.#connection.readLine(limits.maxCommandOctets);
    const command = commandIn(line);
    const handler = 'code' in command ? undefined : commands.get(command.verb);
    this.#lastVerb = handler?.verb ?? '?';
    const answer = this.#countedReply(
      'code' in command ? command : await this.#run(handler, command),
      handler?.verb,
    );
    if (isRefusal(answer) && !answer.logged) this.#observeRefusal(handler, command, answer);
    return answer;
  }

  async #run(handler: Handler | undefined, { verb, argument }: CommandLine): Promise<Reply> {
    if (otherProtocols.has(verb)) return farewell(421, '4.7.0', 'This is SMTP');
    if (!handler) return reply(500, '5.5.2', 'Command not known');
    if (!handler.states.includes(stateOf(this.#context))) return reply(503, '5.5.1', handler.needs);
    try {
      return await handler.run(this.#context, argument);
    } catch (error) {
      if (error instanceof ConnectionEnded || error instanceof AssertionError) throw error;
      this.#context.observe({ kind: 'failure', verb, error });
      return reply(451, '4.3.0', 'Something failed here, try again later');
    }
  }

  /** The reply, or goodbye to one who has made too many mistakes, just keeps us busy, or sends a message for commands. */
  #countedReply(answer: Reply, verb: string | undefined): Reply {
    const refused = isRefusal(answer);
    if (verb === undefined && this.#dataRefused) return refusedDataFollowed;
    this.#dataRefused = verb === 'DATA' && refused;
    if (verb === undefined || !productive.has(verb)) this.#idleCommands += 1;
    if (verb === 'DATA' && !refused) this.#idleCommands = 0;
    if (refused && answer.status !== tooManyRecipients) this.#errors += 1;
    if (this.#errors > limits.maxErrors) return farewell(421, '4.7.0', 'Too many errors');
    if (this.#idleCommands > limits.maxIdleCommands)
      return farewell(421, '4.7.0', 'Too many commands without mail');
    return answer;
  }

  #observeRefusal(handler: Handler | undefined, command: CommandLine | Reply, answer: Reply): void {
    const verb = handler?.verb ?? '?';
    const said = quotable.has(verb) && 'argument' in command ? command.argument : '';
    const from = this.#context.open?.reversePath;
    const { code, status, lines } = answer;
    this.#context.observe({
      kind: 'refused',
      verb,
      said: said.slice(0, limits.maxLoggedChars),
      from,
      reply: { code, status, lines },
    });
  }

  /** One who has yet to log in gets less time to think. */
  #paceLogin(): void {
    const { settings, identity } = this.#context;
    const waiting = isSubmission(settings) && !identity;
    this.#connection.idleTimeoutMs = waiting ? limits.loginTimeoutMs : limits.idleTimeoutMs;
  }

  /** RFC 3207 4.2: everything the client said before is forgotten. */
  async #startTls(): Promise<void> {
    const { settings } = this.#context;
    if (!settings.tls) return;
    await this.#connection.startTls(settings.tls);
    this.#context.helo = undefined;
    this.#context.open = undefined;
    this.#context.identity = undefined;
  }

  async #flush(text: string): Promise<void> {
    const octets = this.#held + text;
    this.#held = '';
    if (octets !== '') await this.#connection.write(octets);
  }

  /** Says goodbye to one who was silent too long, nothing to one who is gone. */
  async #broken(error: unknown): Promise<EndReason> {
    if (error instanceof ConnectionEnded && error.reason === 'closed') return 'closed';
    const idle = error instanceof ConnectionEnded;
    if (!idle) this.#context.observe({ kind: 'failure', verb: 'session', error });
    const last = idle ? farewell(421, '4.4.2', 'Too slow') : farewell(421, '4.3.0', 'Something failed here');
    await this.#flush(encodeReply(last)).catch(() => {}); // it may be gone by now, and that is all right
    return idle ? 'idle' : 'bug';
  }
}

/** The command in a line, or why there is none. */
function commandIn(line: Line): CommandLine | Reply {
  if (line.bare) return bareLineEnd;
  if (line.kind === 'too-long')
    return reply(500, '5.5.2', `Line longer than ${limits.maxCommandOctets} octets`);
  return parseCommandLine(line.octets) ?? reply(500, '5.5.2', 'Not a command');
}
