// The POP3 server on the real directory, account service and stores, over the embedded AWS.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { PasswordVerifier } from '../../core/auth/passwords/verifier.ts';
import { inboxId } from '../../core/mail/account/apply.ts';
import { decideAppend, messageFact } from '../../core/mail/account/decide-append.ts';
import type { AccountId } from '../../core/mail/ids.ts';
import type { Pop3Event } from '../../core/protocol/pop3/context.ts';
import { SharedAccounts } from '../../core/service/account/accounts.ts';
import { StoredDirectory } from '../../core/service/directory/directory.ts';
import { addAccount } from '../../core/service/provision/accounts.ts';
import { addAppPassword, setPassword } from '../../core/service/provision/credentials.ts';
import { addDomain } from '../../core/service/provision/domains.ts';
import { logOpener } from '../../core/service/provision/open-log.ts';
import { addTenant } from '../../core/service/provision/tenants.ts';
import { DynamoDirectoryStore } from '../../core/store/directory-store.ts';
import { systemIds } from '../../core/store/ids.ts';
import { systemClock } from '../../core/store/system-clock.ts';
import { done } from '../../test/support/directory.ts';
import { openStores } from '../../test/support/stores.ts';
import { startPop3 } from './server.ts';
import { defaultSettings } from './settings.ts';

async function world(t: TestContext) {
  const stores = await openStores();
  const clock = systemClock;
  const ids = systemIds(clock);
  const { log, messages, bodies, names } = stores;
  const accounts = new SharedAccounts({ log, messages, bodies, clock, ids });
  const store = new DynamoDirectoryStore(stores.clients.dynamo, names, randomUUID);
  const provision = {
    store,
    now: clock.now,
    newAccountId: () => randomUUID() as AccountId,
    openLog: logOpener(log, ids, clock.now),
  };
  done(await addTenant(provision, 'acme'));
  done(await addDomain(provision, 'example.test'));
  const record = done(await addAccount(provision, { address: 'carol@example.test', quotaBytes: 0 }));
  done(await setPassword(provision, record.address, 'correct horse'));
  const events: Pop3Event[] = [];
  const directory = new StoredDirectory(store, new PasswordVerifier(clock.now), clock.now);
  const server = await startPop3(
    { directory, accounts, clock, onEvent: (event) => events.push(event) },
    { ...defaultSettings, host: '127.0.0.1', port: 0, tlsPort: undefined, insecureAuth: true },
  );
  const account = await accounts.open(record, 0);
  t.after(async () => {
    await server.drain(0);
    await account.release();
    await accounts.close();
    await stores.close();
  });
  const deliver = async (text: string) => {
    const staged = await account.stage(chunks(Buffer.from(text, 'latin1')), clock.now());
    await account.commit((state) =>
      decideAppend(state, inboxId, [messageFact({ ...staged, flags: [] })], 0, clock.now()),
    );
  };
  const dial = () => Client.dial(server.port);
  return { stores, provision, account, deliver, dial, events };
}

async function* chunks(octets: Buffer) {
  for (let at = 0; at < octets.length; at += 60_000) yield octets.subarray(at, at + 60_000);
}

/** A client that waits for whole answers. */
class Client {
  readonly #socket: Socket;
  #text = '';
  #wake = () => {};
  #closed = false;

  constructor(socket: Socket) {
    this.#socket = socket.setEncoding('latin1');
    socket.on('data', (text) => {
      this.#text += text;
      this.#wake();
    });
    socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  static async dial(port: number): Promise<Client> {
    const client = new Client(connect(port, '127.0.0.1'));
    assert.match(await client.#until('\r\n'), /^\+OK/);
    return client;
  }

  line(command: string): Promise<string> {
    this.#socket.write(`${command}\r\n`);
    return this.#until('\r\n');
  }

  async multi(command: string): Promise<string> {
    const first = await this.line(command);
    assert.match(first, /^\+OK/, command);
    const answer = this.#text.startsWith('.\r\n')
      ? await this.#until('.\r\n')
      : await this.#until('\r\n.\r\n');
    return answer.slice(0, -3).replaceAll('\r\n..', '\r\n.');
  }

  async logIn(password = 'correct horse'): Promise<string> {
    await this.line('USER Carol@example.test');
    return this.line(`PASS ${password}`);
  }

  async #until(end: string): Promise<string> {
    for (;;) {
      const at = this.#text.indexOf(end);
      if (at >= 0) {
        const answer = this.#text.slice(0, at + end.length);
        this.#text = this.#text.slice(answer.length);
        return answer;
      }
      assert.ok(!this.#closed, 'the server has hung up');
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

test('read, deleted, gone; unique ids and octets stay', async (t) => {
  const { deliver, dial, account } = await world(t);
  const large = `Subject: large\r\n\r\n${'0123456789'.repeat(300_000)}\r\n.dot\r\n`;
  const small = 'Subject: small\r\n\r\nhello\r\n';
  await deliver(large);
  await deliver(small);
  const first = await dial();
  assert.equal(await first.logIn(), `+OK 2 messages (${large.length + small.length} octets)\r\n`);
  const [one, two] = (await first.multi('UIDL')).trimEnd().split('\r\n');
  assert.equal(await first.multi('RETR 1'), large);
  assert.equal(await first.multi('RETR 2'), small);
  assert.equal(await first.multi('TOP 1 0'), 'Subject: large\r\n\r\n');
  assert.equal(await first.line('DELE 1'), '+OK message 1 marked\r\n');
  assert.equal(await first.line('QUIT'), '+OK Bye\r\n');
  assert.equal(account.state.mailboxes.get(inboxId)?.columns.count, 1);
  const second = await dial();
  assert.match(await second.logIn(), /^\+OK 1 messages/);
  assert.equal((await second.multi('UIDL')).trimEnd(), two?.replace(/^2/, '1'));
  assert.notEqual(one?.slice(2), two?.slice(2));
});

test('what a session asks of AWS', async (t) => {
  const { deliver, dial, stores } = await world(t);
  for (let message = 0; message < 5; message += 1) await deliver(`Subject: ${message}\r\n\r\nx\r\n`);
  const client = await dial();
  const login = await stores.requests(() => client.logIn());
  assert.deepEqual(login, ['BatchGetItem Routes', 'GetItem Directory', 'Query Log']);
  const looks = async () => {
    for (const command of ['LIST', 'UIDL']) await client.multi(command);
    for (const command of ['STAT', 'NOOP', 'DELE 1', 'DELE 3', 'DELE 5']) await client.line(command);
  };
  assert.deepEqual(await stores.requests(looks), []);
  assert.deepEqual(await stores.requests(() => client.line('QUIT')), ['PutItem Log']);
});

test('when the log cannot be written, QUIT says so and nothing is deleted', async (t) => {
  const { deliver, dial, stores, account, events } = await world(t);
  await deliver('Subject: kept\r\n\r\nx\r\n');
  const client = await dial();
  await client.logIn();
  await client.line('DELE 1');
  const heal = stores.cloud.faults.add({ kind: 'error', service: 'dynamodb', operation: 'PutItem' });
  assert.match(await client.line('QUIT'), /^-ERR \[SYS\/TEMP\]/);
  assert.ok(heal() > 0);
  await account.refresh();
  assert.equal(account.state.mailboxes.get(inboxId)?.columns.count, 1);
  assert.ok(events.some(({ event }) => event === 'pop3.failure'));
});

test('app passwords log in, changed passwords do not', async (t) => {
  const { dial, provision } = await world(t);
  const { text } = done(await addAppPassword(provision, 'carol@example.test', 'phone'));
  assert.match(await (await dial()).logIn(text.replaceAll('-', ' ')), /^\+OK 0 messages/);
  assert.match(await (await dial()).logIn(), /^\+OK/);
  done(await setPassword(provision, 'carol@example.test', 'battery staple'));
  assert.match(await (await dial()).logIn(), /^-ERR \[AUTH\]/);
});
