/** What a started Postfold prints: where everything listens, who may log in, and three lines to try. */

/** Where the administrative commands look when they are told nothing. */
const usualAwsUrl = 'http://127.0.0.1:4566';

export interface Endpoint {
  readonly name: string;
  readonly security: string;
  readonly port: number;
}

export interface ReadyFacts {
  readonly host: string;
  readonly hostname: string;
  readonly endpoints: readonly Endpoint[];
  readonly awsUrl: string;
  readonly dataDir: string;
  readonly dnsAvailable: boolean;
  /** The server given with --dns does not answer just now. */
  readonly dnsSilent: boolean;
  /** Only on a first start. */
  readonly demo?: { readonly accounts: readonly string[]; readonly password: string };
  readonly account: string;
}

export function readyText(facts: ReadyFacts): string {
  const rows = [
    ...facts.endpoints.map(({ name, security, port }) => [name, `${inUrl(facts.host)}:${port}`, security]),
    ['AWS', facts.awsUrl, 'S3, DynamoDB, SQS, Lambda'],
    ['data', facts.dataDir, ''],
  ];
  return [
    'postfold ready',
    ...table(rows),
    '',
    ...dnsLines(facts),
    ...demoLines(facts),
    'Try:',
    ...attempts(facts).map((line) => `  ${line}`),
  ].join('\n');
}

function dnsLines({ dnsAvailable, dnsSilent }: ReadyFacts): readonly string[] {
  if (dnsSilent) {
    return ['The server of --dns does not answer: until it does, mail from outside is put off with 451.', ''];
  }
  if (dnsAvailable) return [];
  return [
    'This machine has no DNS: SPF, DKIM and DMARC are not checked, and mail leaves by --route only.',
    '',
  ];
}

function demoLines({ demo }: ReadyFacts): readonly string[] {
  if (demo === undefined) return [];
  return [`First start: accounts ${demo.accounts.join(' and ')}, password ${demo.password}`, ''];
}

function attempts({ host, endpoints, account, awsUrl }: ReadyFacts): readonly string[] {
  const port = (name: string) => endpoints.find((endpoint) => endpoint.name === name)?.port;
  const password = 'PASSWORD';
  return [
    `swaks --server ${inUrl(host)}:${port('SMTP')} --from me@example.org --to ${account} --header 'Subject: hello'`,
    `curl --insecure --user '${account}:${password}' 'imaps://${inUrl(host)}:${port('IMAPS')}/INBOX;MAILINDEX=1'`,
    `mail client: ${account}, IMAP ${host} port ${port('IMAP')} STARTTLS, SMTP ${host} port ${port('submission')} STARTTLS`,
    `npx postfold account list${awsUrl === usualAwsUrl ? '' : ` --aws-endpoint ${awsUrl}`}`,
  ];
}

/** An IPv6 address needs brackets before a port (RFC 3986 3.2.2). */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
