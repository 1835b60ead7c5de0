/**
 * The SMTP server's backend: logins and recipients from the directory, quotas from the logs,
 * messages to `ingest`. Decides whose mail is taken; knows nothing of dialogue.
 */
import type { GuardedDirectory, HeldOff } from '../../auth/guessing/logins.ts';
import { type Address, formatAddress } from '../../mail/address.ts';
import type { BodyStore } from '../../mail/ports/body-store.ts';
import type { Clock, Ids } from '../../mail/ports/clock.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { LogStore } from '../../mail/ports/log-store.ts';
import type { MailCommand, SmtpBackend, SmtpClient, SmtpTransaction } from '../../protocol/smtp/backend.ts';
import { type Reply, reply } from '../../protocol/smtp/reply.ts';
import type { Ingest } from '../receive/event.ts';
import { inlineBudgetBytes } from './limits.ts';
import { MemoryBudget } from './memory-budget.ts';
import { SendLimit } from './send-limit.ts';
import { type Shared, Transaction } from './transaction.ts';

export interface BackendDependencies {
  readonly directory: GuardedDirectory;
  readonly logs: Pick<LogStore, 'head'>;
  readonly bodies: BodyStore;
  readonly ingest: Ingest;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'messageId'>;
}

export interface BackendLimits {
  /** Memory for messages. */
  readonly budgetBytes?: number;
  /** Recipients elsewhere that an account may send to; 0, and when absent: any number. */
  readonly recipientsPerDay?: number;
}

export class MailBackend implements SmtpBackend {
  readonly #dependencies: BackendDependencies;
  readonly #shared: Shared;

  /** One for all sessions of a server: they share the memory for messages, and what accounts have sent. */
  constructor(dependencies: BackendDependencies, limits: BackendLimits = {}) {
    this.#dependencies = dependencies;
    const { budgetBytes = inlineBudgetBytes, recipientsPerDay = 0 } = limits;
    this.#shared = { budget: new MemoryBudget(budgetBytes), sendLimit: new SendLimit(recipientsPerDay) };
  }

  authenticate(login: string, password: string, remote: string): Promise<Identity | HeldOff | undefined> {
    return this.#dependencies.directory.authenticate(login, password, remote);
  }

  /** A submitter may only use a reverse-path of its own, or none (RFC 6409 6.1). */
  async begin(
    client: SmtpClient,
    identity: Identity | undefined,
    mail: MailCommand,
  ): Promise<SmtpTransaction | Reply> {
    const { reversePath } = mail;
    if (identity && reversePath && !(await this.#dependencies.directory.mayUse(identity, reversePath))) {
      return reply(553, '5.7.1', `Sender address <${printable(reversePath)}> is not yours`);
    }
    return new Transaction({ client, identity, mail }, this.#dependencies, this.#shared);
  }
}

function printable(address: Address): string {
  return formatAddress(address).slice(0, 200);
}
