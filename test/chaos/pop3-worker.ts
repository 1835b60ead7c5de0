/** Leaves through POP3: some messages of INBOX, deleted at QUIT. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Instance } from './ledger.ts';
import { Pop3Client } from './pop3-client.ts';
import { type Job, keepOn, quietly } from './worker.ts';

export function popDeletes(job: Job, account: string): Promise<void> {
  return keepOn(
    job,
    () => Pop3Client.login(job.ports().pop3, account, job.password),
    async (client) => {
      const listed = (await client.lines('UIDL')) ?? [];
      const marked: Instance[] = [];
      for (const line of listed.filter(() => job.random() < 0.1).slice(0, 5)) {
        const [number, validity = 0, uid = 0] = line.split(/[ .]/).map(Number);
        const instance = job.ledger.takeUid(account, 'INBOX', validity, uid);
        if (!instance) continue;
        marked.push(instance);
        if (!(await quietly(client.ask(`DELE ${number}`)))?.startsWith('+OK')) break;
      }
      const answer = await quietly(client.ask('QUIT'));
      for (const instance of marked) {
        // One that a RENAME of INBOX may have taken away is no longer there to be deleted.
        const sure = answer?.startsWith('+OK') && instance.states.length === 1;
        if (sure) job.ledger.promises.popDeletes++;
        job.ledger.settle(instance, sure ? 'done' : 'unknown', 'POP3 delete', () => undefined);
      }
      await delay(100);
      return false;
    },
  );
}
