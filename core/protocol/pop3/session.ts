/**
 * One POP3 session over one connection: greeting, the loop over commands, the login, the end.
 * RFC 1939 (states), RFC 2449 (lines, pipelining), RFC 3206 (codes). A command's failure is
 * answered with [SYS/TEMP]; only QUIT deletes, so a session that ends otherwise changes nothing.
 */
import { PasswordChecksBusy } from '../../auth/passwords/slots.ts';
import type { Credentials } from '../../auth/sasl/sasl.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import { type Connection, ConnectionEnded } from '../wire/connection.ts';
import { type Command, parseCommand } from './command.ts';
import { handlers } from './commands/index.ts';
import type { Context, Pop3Deps, Pop3Event, Transaction } from './context.ts';
import type { Handler } from './handler.ts';
import {
  autologoutMs,
  farewellTimeoutMs,
  loginFailureDelayMs,
  loginTimeoutMs,
  maxBadCommands,
  maxCommandsBeforeLogin,
  maxLineOctets,
  maxLoginFailures,
} from './limits.ts';
import { Maildrop } from './maildrop.ts';
import { err, ok, type Reply, unavailable } from './reply.ts';
import { ResponseCutOff } from './send-message.ts';

type Ending = Extract<Pop3Event, { event: 'pop3.end' }>['reason'];

/** Serves the connection to its end; never rejects but for bugs. `draining` asks to end soon. */
export async function servePop3(
  deps: Pop3Deps,
  connection: Connection,
  remote: string,
  draining: AbortSignal,
): Promise<void> {
  await new Session(deps, connection, remote, draining).run();
}

class Session implements Context {
  readonly deps: Pop3Deps;
  readonly connection: Connection;
  readonly remote: string;
  user: string | undefined;
  transaction: Transaction | undefined;
  loginFailures = 0;
  retrieved = 0;
  lastRetrieved = -1;
  deleted = 0;
  ending: 'quit' | 'refused' | 'failed' | undefined;
  readonly #draining: AbortSignal;
  #badCommands = 0;
  #commandsBeforeLogin = 0;

  constructor(deps: Pop3Deps, connection: Connection, remote: string, draining: AbortSignal) {
    this.deps = deps;
    this.connection = connection;
    this.remote = remote;
    this.#draining = draining;
  }

  async run(): Promise<void> {
    let reason: Ending = 'failed';
    try {
      reason = await this.#converse();
    } catch (error) {
      if (error instanceof ConnectionEnded) reason = error.reason;
      else this.#failure('session', error);
    }
    await this.#close(reason);
  }

  async logIn(credentials: Credentials): Promise<void> {
    const { authorize, login, password } = credentials;
    const identity =
      authorize === '' || authorize.toLowerCase() === login.toLowerCase()
        ? await this.deps.directory.authenticate(login, password, this.remote)
        : undefined;
    if (identity === 'held-off') return this.#holdOff(login);
    if (!identity) return this.#refuseLogin(login);
    this.transaction = await this.#open(identity);
    this.connection.idleTimeoutMs = autologoutMs;
    const { maildrop } = this.transaction;
    const { encrypted: tls } = this.connection;
    this.deps.onEvent({ event: 'pop3.login', remote: this.remote, login: identity.login, tls });
    await this.connection.write(ok(`${maildrop.count} messages (${maildrop.octets} octets)`));
  }

  async #converse(): Promise<Ending> {
    this.connection.idleTimeoutMs = loginTimeoutMs;
    await this.connection.write(ok('Postfold POP3 ready'));
    while (this.ending === undefined) {
      if (!(await this.connection.waitForInput(this.#draining))) {
        await this.connection.write(err('Server is going down, come again', 'SYS/TEMP'));
        return 'draining';
      }
      const command = parseCommand(await this.connection.readLine(maxLineOctets));
      if (!this.transaction && ++this.#commandsBeforeLogin > maxCommandsBeforeLogin) {
        await this.connection.write(err('Too many commands without a login'));
        return 'refused';
      }
      if ('wrong' in command) await this.#bad(command.wrong);
      else await this.#obey(command);
    }
    return this.ending;
  }

  async #obey(command: Command): Promise<void> {
    const handler = handlers.get(command.keyword);
    if (!handler) return this.#bad('Unknown command');
    const { state, args } = handler;
    const inTransaction = this.transaction !== undefined;
    if (state !== 'any' && inTransaction !== (state === 'transaction')) {
      return this.#bad(inTransaction ? 'Already logged in' : 'Log in first');
    }
    if (command.args.length < args[0] || command.args.length > args[1]) return this.#bad('Wrong arguments');
    this.#badCommands = 0;
    try {
      await this.#run(handler, command);
    } catch (error) {
      if (error instanceof ConnectionEnded) throw error;
      if (!(error instanceof PasswordChecksBusy)) this.#failure(command.keyword, error);
      if (error instanceof ResponseCutOff) this.ending = 'failed';
      else await this.connection.write(unavailable);
    }
  }

  #run(handler: Handler, command: Command): Promise<void> {
    if (handler.state !== 'transaction') return handler.run(this, command);
    // `#obey` has checked the state.
    return this.transaction ? handler.run(this, command, this.transaction) : this.#bad('Log in first');
  }

  async #bad(text: string): Promise<void> {
    this.#badCommands += 1;
    if (this.#badCommands < maxBadCommands) return this.connection.write(err(text));
    this.ending = 'refused';
    await this.connection.write(err('Too many bad commands'));
  }

  /** The maildrop as it is now. A session that cannot have it lets go of the account. */
  async #open(identity: Identity): Promise<Transaction> {
    const account = await this.deps.accounts.open(identity.account, identity.quotaBytes);
    try {
      return { identity, account, maildrop: new Maildrop(account.state) };
    } catch (error) {
      await account.release();
      throw error;
    }
  }

  /** Slower every time: guessing costs more here than asking. */
  async #refuseLogin(login: string): Promise<void> {
    this.loginFailures += 1;
    this.deps.onEvent({ event: 'pop3.login-refused', remote: this.remote, login: login.slice(0, 100) });
    const delayMs = this.loginFailures * loginFailureDelayMs;
    await new Promise<void>((resolve) => void this.deps.clock.after(delayMs, resolve));
    if (this.loginFailures >= maxLoginFailures) this.ending = 'refused';
    await this.connection.write(err('Wrong login or password', 'AUTH'));
  }

  /** Too much guessing from the client's address. RFC 3206 4: it may be tried again, as it was. */
  #holdOff(login: string): Promise<void> {
    this.deps.onEvent({ event: 'pop3.login-refused', remote: this.remote, login: login.slice(0, 100) });
    this.ending = 'refused';
    const text = 'Too many failed logins from your address, come again in a few minutes';
    return this.connection.write(err(text, 'SYS/TEMP'));
  }

  async #close(reason: Ending): Promise<void> {
    const { transaction, remote, retrieved, deleted } = this;
    if (reason === 'idle') await this.#farewell(err('Silent too long'));
    const login = transaction ? { login: transaction.identity.login } : {};
    this.deps.onEvent({ event: 'pop3.end', remote, ...login, reason, retrieved, deleted });
    await Promise.all([
      reason === 'failed' ? this.connection.destroy() : this.connection.end(),
      transaction?.account.release().catch((error: unknown) => this.#failure('release', error)),
    ]);
  }

  /** To one who may have stopped reading: not waited for long. */
  async #farewell(reply: Reply): Promise<void> {
    this.connection.idleTimeoutMs = farewellTimeoutMs;
    await this.connection.write(reply).catch(() => {});
  }

  #failure(doing: string, error: unknown): void {
    this.deps.onEvent({ event: 'pop3.failure', remote: this.remote, doing, error });
  }
}
