/**
 * The containers as they are deployed: three processes of their own, told where AWS is by the
 * SDK's own environment, here the embedded AWS of another process over HTTP.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { imap, outside, pop3 } from '../support/clients.ts';
import { alice, freePort, type Postfold, postfoldFor } from '../support/postfold.ts';

const root = join(import.meta.dirname, '..', '..');
const aws = await postfoldFor(after);

interface Listening {
  readonly child: ChildProcess;
  readonly port: number;
  readonly tlsPort: number;
}

/** Starts one container and waits for its line `listening`. */
async function container(service: string, environment: Readonly<Record<string, string>>): Promise<Listening> {
  const child = spawn(process.execPath, [join(root, 'fargate', service, 'main.ts')], {
    env: { PATH: process.env.PATH, ...(await common()), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as { event: string } & Omit<Listening, 'child'>;
    if (event.event === 'listening') return { ...event, child };
  }
  throw new Error(`${service} ended before it listened`);
}

async function common(): Promise<Readonly<Record<string, string>>> {
  return {
    AWS_ENDPOINT_URL: `http://127.0.0.1:${aws.awsPort}`,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'any',
    AWS_SECRET_ACCESS_KEY: 'any',
    POSTFOLD_TABLE_PREFIX: 'postfold-',
    POSTFOLD_BUCKET: 'postfold-mail',
    POSTFOLD_HOSTNAME: 'mx.example.test',
    POSTFOLD_INGEST_FUNCTION: 'postfold-ingest',
    POSTFOLD_HOST: '127.0.0.1',
    POSTFOLD_TLS_KEY: readFileSync(join(aws.dataDir, 'tls/key.pem'), 'utf8'),
    POSTFOLD_TLS_CERT: readFileSync(join(aws.dataDir, 'tls/cert.pem'), 'utf8'),
  };
}

test('mail goes through SMTP, IMAP and POP3 containers, and SIGTERM ends them with 0', async () => {
  const submission = {
    POSTFOLD_SUBMISSION_PORT: `${await freePort()}`,
    POSTFOLD_SUBMISSIONS_PORT: `${await freePort()}`,
  };
  const [smtp, imapServer, pop3Server] = await Promise.all([
    container('smtp', { POSTFOLD_SMTP_PORT: `${await freePort()}`, ...submission }),
    container('imap', {
      POSTFOLD_IMAP_PORT: `${await freePort()}`,
      POSTFOLD_IMAPS_PORT: `${await freePort()}`,
    }),
    container('pop3', {
      POSTFOLD_POP3_PORT: `${await freePort()}`,
      POSTFOLD_POP3S_PORT: `${await freePort()}`,
    }),
  ]);
  const deployed: Postfold = {
    ...aws,
    ports: { ...aws.ports, smtp: smtp.port, imaps: imapServer.tlsPort, pop3s: pop3Server.tlsPort },
  };
  await outside(deployed).sendMail({
    from: 'a@example.org',
    to: alice,
    subject: 'through containers',
    text: 'hello',
  });
  const client = await imap(deployed);
  await client.mailboxOpen('INBOX');
  const found = await client.fetchOne('1', { envelope: true });
  assert.equal(found !== false && found.envelope?.subject, 'through containers');
  await client.logout();
  const [retrieved] = await pop3(deployed, ['RETR 1']);
  assert.match(retrieved?.toString() ?? '', /^Subject: through containers\r$/m);
  for (const { child } of [smtp, imapServer, pop3Server]) {
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  }
});
