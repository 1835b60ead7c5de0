/** The settings of `ingest`, read once from the environment of its function. */

export interface IngestSettings {
  /** Our name in Received and Authentication-Results; the same as the SMTP server's. */
  readonly hostname: string;
  readonly tablePrefix: string;
  readonly bucket: string;
  readonly outboundQueueUrl: string;
  /** DNS servers as `host:port`; the function's own when empty. */
  readonly dnsServers: readonly string[];
  /** False where there is no DNS at all: then nothing is judged. */
  readonly dnsAvailable: boolean;
  /** How long a remote recipient is tried. */
  readonly outboundExpiryMs: number;
}

const fiveDaysMs = 5 * 86_400_000;

/** The names are the contract with the deployed function; what is missing or malformed throws at start. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): IngestSettings {
  const required = (name: string) => {
    const text = env[name];
    if (text === undefined || text === '') throw new Error(`${name} is not set`);
    return text;
  };
  const expiry = env.POSTFOLD_OUTBOUND_EXPIRY_MS ?? String(fiveDaysMs);
  if (!/^\d{1,12}$/.test(expiry))
    throw new Error(`POSTFOLD_OUTBOUND_EXPIRY_MS is '${expiry}', which is no whole number`);
  return {
    hostname: required('POSTFOLD_HOSTNAME'),
    tablePrefix: env.POSTFOLD_TABLE_PREFIX ?? '',
    bucket: required('POSTFOLD_BUCKET'),
    outboundQueueUrl: required('POSTFOLD_OUTBOUND_QUEUE_URL'),
    dnsServers: (env.POSTFOLD_DNS ?? '').split(',').filter((server) => server !== '' && server !== 'off'),
    dnsAvailable: env.POSTFOLD_DNS !== 'off',
    outboundExpiryMs: Number(expiry),
  };
}
