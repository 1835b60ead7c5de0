/**
 * One SMTP transaction on its way to `ingest`: recipients resolved as they are named, octets
 * taken, the event sent until it is answered or the tries are used up.
 */
import assert from 'node:assert/strict';
import { type Address, formatAddress } from '../../mail/address.ts';
import { bodyKey } from '../../mail/body-key.ts';
import type { MessageId } from '../../mail/ids.ts';
import type { Identity, Resolution } from '../../mail/ports/directory.ts';
import type { MailCommand, SmtpClient, SmtpTransaction } from '../../protocol/smtp/backend.ts';
import { type Reply, reply } from '../../protocol/smtp/reply.ts';
import type { IngestEvent, IngestRecipient, IngestResult } from '../receive/event.ts';
import type { BackendDependencies } from './backend.ts';
import { ingestAttempts, ingestPauseMs } from './limits.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { type Room, roomFor } from './room.ts';
import type { SendLimit } from './send-limit.ts';
import { takeBody } from './take-body.ts';

export interface Opening {
  readonly client: SmtpClient;
  readonly identity: Identity | undefined;
  readonly mail: MailCommand;
}

/** What all transactions of a server have together. */
export interface Shared {
  readonly budget: MemoryBudget;
  readonly sendLimit: SendLimit;
}

export class Transaction implements SmtpTransaction {
  readonly #opening: Opening;
  readonly #dependencies: BackendDependencies;
  readonly #shared: Shared;
  readonly #recipients: IngestRecipient[] = [];
  #foreign = 0;

  constructor(opening: Opening, dependencies: BackendDependencies, shared: Shared) {
    this.#opening = opening;
    this.#dependencies = dependencies;
    this.#shared = shared;
  }

  /** Says no here whenever it can be known: a refusal in the dialogue is no bounce later. */
  async recipient(address: Address): Promise<Reply | undefined> {
    const found = await this.#dependencies.directory.resolve(address);
    const text = formatAddress(address);
    if (found.kind === 'unknown') return reply(550, '5.1.1', 'No such address here');
    if (found.kind === 'foreign') return this.#foreignRecipient(address.domain, text);
    const rooms = await this.#rooms(found);
    const full = fullReply(rooms);
    if (full) return full;
    const { tenant, forwards } = found;
    const local = found.local.map((one, at) => ({ ...one, ...headOf(rooms[at]) }));
    this.#recipients.push({ address: text, tenant, local, remote: forwards.map(formatAddress) });
    return undefined;
  }

  #foreignRecipient(domain: string, text: string): Reply | undefined {
    const { identity } = this.#opening;
    if (!identity)
      return reply(
        550,
        '5.7.1',
        `Relaying denied: ${domain.slice(0, 100)} is not ours, and you are not logged in`,
      );
    const { sendLimit } = this.#shared;
    const now = this.#dependencies.clock.now();
    const minutes = sendLimit.waitMinutes(identity.account, this.#foreign + 1, now);
    if (minutes > 0)
      return reply(
        450,
        '4.7.1',
        `You have sent to too many recipients today, try again in ${minutes} minutes`,
      );
    this.#foreign += 1;
    this.#recipients.push({ address: text, local: [], remote: [text] });
    return undefined;
  }

  async receive(octets: AsyncIterable<Buffer>): Promise<Reply> {
    const { ids, clock, bodies } = this.#dependencies;
    const event = this.#event(ids.messageId(), clock.now());
    const taken = await takeBody(octets, this.#key(event), bodies, this.#shared.budget);
    try {
      const { code, status, text } = await this.#ingest({ ...event, body: taken.body });
      if (event.identity && code < 300)
        this.#shared.sendLimit.sent(event.identity.account, this.#foreign, clock.now());
      return reply(code, status, text);
    } finally {
      taken.release();
    }
  }

  /** Nobody is asked where a forward takes the message in any case: whoever has no room is told of by a notification. */
  async #rooms({ local, forwards }: Extract<Resolution, { kind: 'known' }>): Promise<readonly Room[]> {
    if (forwards.length > 0) return [];
    const { declaredOctets } = this.#opening.mail;
    const { logs, clock } = this.#dependencies;
    return Promise.all(local.map((recipient) => roomFor(recipient, declaredOctets, logs, clock)));
  }

  #event(messageId: MessageId, receivedAtMs: number): Omit<IngestEvent, 'body'> {
    const { client, identity, mail } = this.#opening;
    return {
      version: 1,
      messageId,
      origin: identity ? 'submission' : 'mx',
      receivedAtMs,
      client,
      ...(identity ? { identity: { account: identity.account, login: identity.login } } : {}),
      reversePath: mail.reversePath ? formatAddress(mail.reversePath) : '',
      recipients: this.#recipients,
    };
  }

  /** Under the submitter's tenant, or the first recipient's. */
  #key(event: Omit<IngestEvent, 'body'>): string {
    const tenant = this.#opening.identity?.account.tenant ?? this.#recipients[0]?.tenant;
    assert.ok(tenant, 'mail from outside has recipients of ours only');
    return bodyKey(tenant, event.messageId);
  }

  async #ingest(event: IngestEvent): Promise<IngestResult> {
    const { ingest, clock } = this.#dependencies;
    for (let attempt = 1; ; attempt++) {
      try {
        return await ingest(event);
      } catch (error) {
        if (attempt >= ingestAttempts) throw error;
      }
      const pauseMs = ingestPauseMs * 2 ** (attempt - 1);
      await new Promise<void>((resolve) => {
        clock.after(pauseMs, resolve);
      });
    }
  }
}

/** An alias is full when all behind it are. */
function fullReply(rooms: readonly Room[]): Reply | undefined {
  if (rooms.length === 0 || rooms.some(({ room }) => room === 'room')) return undefined;
  if (rooms.some(({ room }) => room === 'full')) return reply(452, '4.2.2', 'Mailbox full');
  return reply(552, '5.2.2', 'Message larger than the mailbox');
}

function headOf(room: Room | undefined): Pick<Room, 'head'> {
  return room?.head === undefined ? {} : { head: room.head };
}
