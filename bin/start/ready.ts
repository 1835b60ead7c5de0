/** What a started Postfold prints: where everything listens, who may log in, and three lines to try. */

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
  /** Only on a first start. */
  readonly demo?: { readonly accounts: readonly string[]; readonly password: string };
  readonly account: string;
}

export function readyText(facts: ReadyFacts): string {
  const rows = [
    ...facts.endpoints.map(({ name, security, port }) => [name, `${facts.host}:${port}`, security]),
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

function dnsLines({ dnsAvailable }: ReadyFacts): readonly string[] {
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

function attempts({ host, endpoints, account }: ReadyFacts): readonly string[] {
  const port = (name: string) => endpoints.find((endpoint) => endpoint.name === name)?.port;
  const password = 'PASSWORD';
  return [
    `swaks --server ${host}:${port('SMTP')} --from me@example.org --to ${account} --header 'Subject: hello'`,
    `curl --insecure --user '${account}:${password}' 'imaps://${host}:${port('IMAPS')}/INBOX;MAILINDEX=1'`,
    `mail client: ${account}, IMAP ${host} port ${port('IMAP')} STARTTLS, SMTP ${host} port ${port('submission')} STARTTLS`,
  ];
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd(),
  );
}
