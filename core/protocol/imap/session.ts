/**
 * One IMAP session over a byte stream, from the greeting to the end (RFC 3501 3): reads a
 * command, runs its handler if the state allows it, reports what else changed, answers. The
 * one place that maps failures to replies. Knows no command by itself.
 */
import { AssertionError } from 'node:assert';
import type { Identity } from '../../mail/ports/directory.ts';
import type { Account } from '../../service/account/contract.ts';
import { type Connection, ConnectionEnded } from '../wire/connection.ts';
import { capabilitiesOf, capabilityText } from './capabilities.ts';
import type { Command, CommandName } from './command.ts';
import type {
  AuthenticatedContext,
  Context,
  ImapDependencies,
  SelectedContext,
  SessionSettings,
} from './context.ts';
import type { Handler } from './handler.ts';
import { handlers } from './handlers.ts';
import { IncomingMessage } from './incoming-message.ts';
import * as limits from './limits.ts';
import { parseCommand } from './parse/parse-command.ts';
import { readCommand } from './parse/read-command.ts';
import { isFinal } from './response/final.ts';
import { bad, formatStatus, no, type Status } from './response/status.ts';
import { ResponseWriter } from './response/writer.ts';
import type { SelectedMailbox } from './selected-mailbox.ts';

export interface SessionPeer {
  /** The client's IP address. */
  readonly remote: string;
  /** Names the session in the log. */
  readonly id: string;
}

const readLimits = { maxOctets: limits.MAX_COMMAND_OCTETS, maxSwallowed: limits.MAX_SWALLOWED_OCTETS };
const readLimitsBeforeLogin = {
  maxOctets: limits.MAX_COMMAND_OCTETS_BEFORE_LOGIN,
  maxSwallowed: limits.MAX_SWALLOWED_OCTETS_BEFORE_LOGIN,
};
const allCapabilities = capabilitiesOf(handlers);

export class Session implements Context {
  readonly deps: ImapDependencies;
  readonly settings: SessionSettings;
  readonly connection: Connection;
  readonly out: ResponseWriter;
  readonly draining: AbortSignal;
  readonly enabled = new Set<string>();
  tag = '*';
  identity: Identity | undefined;
  account: Account | undefined;
  selected: SelectedMailbox | undefined;
  message: IncomingMessage | undefined;
  readonly #peer: SessionPeer;
  #quitting = false;
  #failedLogins = 0;
  #badCommands = 0;
  #cancelLoginTime = () => {};
  #afterReply: (() => Promise<void>) | undefined;
  /** Whether the command at hand has opened the account, and so has seen the end of its log. */
  #justOpened = false;

  constructor(
    deps: ImapDependencies,
    settings: SessionSettings,
    connection: Connection,
    draining: AbortSignal,
    peer: SessionPeer,
  ) {
    this.deps = deps;
    this.settings = settings;
    this.connection = connection;
    this.out = new ResponseWriter(connection);
    this.draining = draining;
    this.#peer = peer;
  }

  get authenticated(): boolean {
    return this.identity !== undefined;
  }

  get remote(): string {
    return this.#peer.remote;
  }

  get mayLogin(): boolean {
    return this.connection.encrypted || this.settings.insecureAuth;
  }

  /** The data of CAPABILITY as it is now. */
  get capability(): string {
    const { authenticated, mayLogin } = this;
    const offersTls = this.settings.tls !== undefined && !this.connection.encrypted;
    return capabilityText(allCapabilities, { authenticated, mayLogin, offersTls });
  }

  /** Serves until either side ends it. Never throws. */
  async run(): Promise<void> {
    this.#cancelLoginTime = this.deps.clock.after(limits.LOGIN_TIME_MS, () => this.#loginTimeIsUp());
    let reason = 'logout';
    try {
      this.out.line(`* OK [${this.capability}] IMAP4rev1 ready`);
      while (!this.#quitting) await this.#next();
    } catch (error) {
      reason = error instanceof ConnectionEnded ? error.reason : 'error';
      if (reason === 'idle') this.out.line('* BYE Autologout, idle for too long');
      if (reason === 'error') this.#report('failure', { error });
    }
    this.#cancelLoginTime();
    await this.out.flush().catch(() => {});
    await this.#close(reason);
  }

  logIn(identity: Identity): void {
    this.identity = identity;
    this.#cancelLoginTime();
    this.connection.idleTimeoutMs = limits.IDLE_TIME_MS;
    this.#report('login', { login: identity.login });
  }

  async look(): Promise<void> {
    if (!this.#justOpened) await this.account?.refresh();
  }

  async loginRefused(login: string): Promise<boolean> {
    this.#failedLogins++;
    this.#report('login-refused', { login: login.slice(0, 320) });
    const delayMs = this.#failedLogins * limits.FAILED_LOGIN_DELAY_MS;
    await new Promise<void>((resolve) => this.deps.clock.after(delayMs, resolve));
    return this.#failedLogins < limits.MAX_FAILED_LOGINS;
  }

  loginHeldOff(login: string): void {
    this.#report('login-refused', { login: login.slice(0, 320), reason: 'held off' });
  }

  async startTls(): Promise<void> {
    if (this.settings.tls) await this.connection.startTls(this.settings.tls);
  }

  afterReply(action: () => Promise<void>): void {
    this.#afterReply = action;
  }

  select(mailbox: SelectedMailbox | undefined): void {
    this.selected?.close();
    this.selected = mailbox;
  }

  quit(): void {
    this.#quitting = true;
  }

  /** One command and its answer. */
  async #next(): Promise<void> {
    await this.out.flush();
    await this.#runAfterReply();
    if (!(await this.connection.waitForInput(this.draining))) return this.#bye('Server is shutting down');
    const bounds = this.authenticated ? readLimits : readLimitsBeforeLogin;
    const incoming = await readCommand(this.connection, bounds, () => this.#goAhead());
    if (incoming.kind === 'hopeless') return this.#bye(incoming.reason);
    if (incoming.kind === 'refused') return this.#answer(incoming.tag, bad(incoming.reason));
    const { literal } = incoming;
    this.message = literal && new IncomingMessage(this.connection, literal, () => this.#goAhead());
    const parsed = parseCommand(incoming.text, literal);
    this.tag = parsed.tag;
    if ('fault' in parsed) this.#answer(parsed.tag, bad(parsed.fault));
    else await this.#execute(parsed.tag, parsed.command);
    if (this.message && !(await this.message.discard(bounds.maxSwallowed))) this.#bye('Literal too large');
  }

  /** Whatever the client is in the middle of: it had its time. */
  #loginTimeIsUp(): void {
    this.connection.write('* BYE Too long without a login\r\n').catch(() => {});
    void this.connection.end();
  }

  async #runAfterReply(): Promise<void> {
    const action = this.#afterReply;
    this.#afterReply = undefined;
    await action?.();
  }

  async #goAhead(): Promise<void> {
    this.out.line('+ OK');
    await this.out.flush();
  }

  async #execute(tag: string, command: Command): Promise<void> {
    const handler = handlers[command.name] as Handler<CommandName>;
    const status = await this.#guarded(handler, command);
    this.#justOpened = false;
    if (this.selected && this.account && !this.#quitting) {
      const expunge = !handler.holdsExpunge?.(command);
      const there = this.selected.update(this.out, this.account.state, expunge, this.enabled);
      if (!there) this.#bye('The selected mailbox was deleted');
    }
    this.#answer(tag, status);
  }

  /** A failure becomes NO [UNAVAILABLE] (RFC 5530), a bug ends the session. */
  async #guarded(handler: Handler<CommandName>, command: Command): Promise<Status> {
    try {
      return await this.#dispatch(handler, command);
    } catch (error) {
      if (isFinal(error)) throw error;
      if (error instanceof AssertionError) {
        this.#report('bug', { command: command.name, error });
        this.quit();
        return { kind: 'BYE', code: 'SERVERBUG', text: 'Internal error' };
      }
      this.#report('failure', { command: command.name, error });
      return no('UNAVAILABLE', 'Temporary failure, try again later');
    }
  }

  async #dispatch(handler: Handler<CommandName>, command: Command): Promise<Status> {
    switch (handler.state) {
      case 'any':
        return handler.run(this, command);
      case 'not-authenticated':
        return this.authenticated ? bad('Already logged in') : handler.run(this, command);
      case 'logged-in':
        return this.authenticated ? handler.run(this, command) : bad('Log in first');
      case 'authenticated':
        await this.#open();
        return isAuthenticated(this) ? handler.run(this, command) : bad('Log in first');
      case 'selected':
        return isSelected(this) ? handler.run(this, command) : bad('No mailbox is selected');
    }
  }

  /** By the first command that needs it, not at login: that command wants to see the log's end as it is then. */
  async #open(): Promise<void> {
    const { identity } = this;
    if (identity === undefined || this.account !== undefined) return;
    this.account = await this.deps.accounts.open(identity.account, identity.quotaBytes);
    this.#justOpened = true;
  }

  #answer(tag: string, status: Status): void {
    this.out.line(`${status.kind === 'BYE' ? '*' : tag} ${formatStatus(status)}`);
    this.#badCommands = status.kind === 'BAD' ? this.#badCommands + 1 : 0;
    if (this.#badCommands >= limits.MAX_BAD_COMMANDS) this.#bye('Too many bad commands');
  }

  #bye(text: string): void {
    this.out.line(`* BYE ${text}`);
    this.quit();
  }

  async #close(reason: string): Promise<void> {
    this.select(undefined);
    await this.connection.end();
    try {
      await this.account?.release();
    } catch (error) {
      this.#report('failure', { error });
    }
    this.#report('end', { reason });
  }

  #report(
    event: 'login' | 'login-refused' | 'failure' | 'bug' | 'end',
    more: { login?: string; command?: string; reason?: string; error?: unknown },
  ): void {
    const login = this.identity ? { login: this.identity.login } : {};
    this.deps.log({ event, session: this.#peer.id, remote: this.#peer.remote, ...login, ...more });
  }
}

function isAuthenticated(session: Session): session is Session & AuthenticatedContext {
  return session.account !== undefined && session.identity !== undefined;
}

function isSelected(session: Session): session is Session & SelectedContext {
  return isAuthenticated(session) && session.selected !== undefined;
}
