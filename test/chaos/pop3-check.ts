/** What POP3 shows is INBOX, and a UIDL names one message for ever (RFC 1939 7), over all sessions and restarts. */
import type { Ledger } from './ledger.ts';
import type { Seen } from './observe.ts';
import { Pop3Client } from './pop3-client.ts';

export class UidlCheck {
  readonly #ledger: Ledger;
  /** account/UIDL -> UIDVALIDITY/UID, and the other way round. */
  readonly #messages = new Map<string, string>();
  readonly #uidls = new Map<string, string>();

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get seen(): number {
    return this.#messages.size;
  }

  /** `inbox`: what IMAP has just shown. Behind that more may have come. */
  async check(account: string, inbox: Seen['inbox'], port: number, password: string): Promise<void> {
    const client = await Pop3Client.login(port, account, password);
    const listed = (await client.lines('UIDL')) ?? [];
    await client.ask('QUIT');
    client.destroy();
    this.compare(
      account,
      inbox,
      listed.map((line) => line.split(' ')[1] ?? ''),
    );
  }

  compare(account: string, { validity, uids }: Seen['inbox'], uidls: readonly string[]): void {
    if (uidls.length < uids.length)
      this.#ledger.fail(`${account}: POP3 lists ${uidls.length} messages, IMAP ${uids.length}`);
    for (const [at, uid] of uids.entries()) {
      const uidl = uidls[at];
      if (uidl === undefined) return;
      this.#pair(this.#messages, `${account}/${uidl}`, `${validity}/${uid}`);
      this.#pair(this.#uidls, `${account}/${validity}/${uid}`, uidl);
    }
  }

  #pair(known: Map<string, string>, key: string, value: string): void {
    const before = known.get(key) ?? value;
    if (before !== value) this.#ledger.fail(`${key} was ${before} and is ${value} over POP3`);
    known.set(key, value);
  }
}
