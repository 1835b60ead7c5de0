/** The account with a quota: never more than that, exact figures, and no refusal while there was room (RFC 9208). */
import { type ImapClient, textOf } from './imap-client.ts';
import type { Ledger } from './ledger.ts';
import { carol, quotaBytes } from './worker.ts';

export type Room = ReturnType<Ledger['bytes']>;

/** The account said that it had no room; `before`: what it held at most, the new messages with it, when it was asked. */
export function wasRefused(ledger: Ledger, account: string, before: Room, what: string): void {
  ledger.promises.refusals++;
  const most = before.most + ledger.bytes(account).begun - before.begun;
  if (account !== carol) ledger.fail(`${account}: ${what} was refused for a quota, and there is none`);
  else if (most <= quotaBytes) ledger.fail(`${account}: ${what} was refused at ${most} of ${quotaBytes}`);
}

/** What GETQUOTA says is what a client counts, and not above the limit. */
export async function checkQuota(
  ledger: Ledger,
  account: string,
  client: ImapClient,
  bytes: number,
): Promise<void> {
  if (account !== carol) return;
  if (bytes > quotaBytes) ledger.fail(`${account}: ${bytes} octets of ${quotaBytes} are there`);
  const { untagged } = await client.command('GETQUOTA ""');
  const [, used, limit] = /STORAGE (\d+) (\d+)/.exec(textOf(untagged)) ?? [];
  const [wanted, whole] = [Math.ceil(bytes / 1024), Math.floor(quotaBytes / 1024)];
  if (Number(used) !== wanted || Number(limit) !== whole)
    ledger.fail(`${account}: GETQUOTA says ${used} of ${limit}, a client counts ${wanted} of ${whole}`);
}
