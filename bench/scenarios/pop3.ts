/** A POP3 client that fetches a maildrop, message by message. */
import { Pop3Client } from '../client/pop3-client.ts';
import { measure } from '../measure.ts';
import { password, reader } from '../servers/server.ts';
import type { Scenario } from './scenario.ts';

export function pop3Scenarios(): readonly Scenario[] {
  return [
    {
      name: 'POP3 RETR',
      box: { mailbox: 'INBOX', count: 1000 },
      runsOn: (server) => server.pop3 !== undefined,
      targets: [{ peer: 'dovecot', atLeast: 0.3 }],
      run: (server, { seconds }) =>
        measure({ connections: 1, seconds }, server.roots, async () => {
          const client = await Pop3Client.open({ port: server.pop3 ?? 0 }, reader, password);
          const { status } = await client.ask('STAT');
          const count = Number(status.split(' ')[1]);
          if (!(count > 0)) throw new Error(`an empty maildrop: ${status}`);
          return {
            step: (n) => client.ask(`RETR ${(n % count) + 1}`, true),
            close: () => client.close(),
          };
        }),
    },
  ];
}
