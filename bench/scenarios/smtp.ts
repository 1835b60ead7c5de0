/** Taking mail from other servers: from MAIL to the 250, on connections that stay open. */
import { SmtpClient } from '../client/smtp-client.ts';
import { measure } from '../measure.ts';
import { type Server, userOf } from '../servers/server.ts';
import type { Context, Scenario } from './scenario.ts';

const sizes = [
  { label: '4 KB', octets: 4096, variants: 64 },
  { label: '100 KB', octets: 100 * 1024, variants: 32 },
  { label: '5 MB', octets: 5 * 1024 * 1024, variants: 4 },
];

export function smtpScenarios(connections: readonly number[]): readonly Scenario[] {
  return sizes.flatMap(({ label, octets, variants }) =>
    connections.map((count) => {
      const least = octets === 4096 && count > 1 ? 1.5 : 1;
      return {
        name: `SMTP accept ${label}, ${count} conn`,
        runsOn: (server: Server) => server.smtp !== undefined,
        run: (server: Server, context: Context) => accept(server, context, { octets, variants, count }),
        targets: [{ peer: 'postfix+dovecot', atLeast: least }],
      };
    }),
  );
}

function accept(
  server: Server,
  { mail, seconds }: Context,
  { octets, variants, count }: { octets: number; variants: number; count: number },
): ReturnType<typeof measure> {
  const messages = Array.from({ length: variants }, (_, i) => mail.sized(i, octets));
  return measure({ connections: count, seconds, settle: true }, server.roots, async () => {
    const client = await SmtpClient.open({ port: server.smtp ?? 0 });
    return {
      step: async (n) => {
        const message = messages[n % variants];
        if (message) await client.deliver(userOf(n), message);
      },
      close: () => client.close(),
    };
  });
}
