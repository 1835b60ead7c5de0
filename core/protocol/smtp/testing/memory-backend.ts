/**
 * A backend in memory for tests of the protocol: takes mail for example.org (except for the
 * unknown) from anybody and for anywhere from ann, and keeps what it took.
 */
import { canonical } from '../../../mail/address.ts';
import type { AccountId, TenantId } from '../../../mail/ids.ts';
import type { Identity } from '../../../mail/ports/directory.ts';
import type { MailCommand, SmtpBackend, SmtpClient, SmtpTransaction } from '../backend.ts';
import { reply } from '../reply.ts';

export interface TakenMessage {
  readonly client: SmtpClient;
  readonly mail: MailCommand;
  readonly recipients: readonly string[];
  readonly octets: Buffer;
}

const ann: Identity = {
  account: { tenant: 'example' as TenantId, account: 'ann' as AccountId },
  login: 'ann@example.org',
  quotaBytes: 0,
};

export class MemoryBackend implements SmtpBackend {
  readonly taken: TakenMessage[] = [];

  async authenticate(login: string, password: string): Promise<Identity | undefined> {
    if (login === 'broken@example.org') throw new Error('the directory is down');
    return login === ann.login && password === 'secret' ? ann : undefined;
  }

  async begin(client: SmtpClient, identity: Identity | undefined, mail: MailCommand) {
    if (mail.reversePath?.localPart === 'broken') throw new Error('the directory is down');
    return this.#transaction(client, identity, mail);
  }

  #transaction(client: SmtpClient, identity: Identity | undefined, mail: MailCommand): SmtpTransaction {
    const recipients: string[] = [];
    return {
      recipient: async (address) => {
        const local = address.domain === 'example.org';
        if (!local && !identity) return reply(550, '5.7.1', 'Relaying denied');
        if (local && address.localPart === 'unknown') return reply(550, '5.1.1', 'No such user');
        recipients.push(canonical(address));
        return undefined;
      },
      receive: async (octets) => {
        const chunks: Buffer[] = [];
        for await (const chunk of octets) chunks.push(chunk);
        if (recipients.includes('fails@example.org')) throw new Error('the store is down');
        this.taken.push({ client, mail, recipients, octets: Buffer.concat(chunks) });
        return reply(250, '2.0.0', `queued as ${this.taken.length}`);
      },
    };
  }
}
