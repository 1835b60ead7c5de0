/** `postfold start`: its options as commander declares them, and what its failures look like. */
import { type Command, InvalidArgumentError } from 'commander';
import { OptionError, parseStartOptions, type RawStartOptions } from './options.ts';

/** Exit code for a bad option, a port in use, an unwritable folder. */
export const usageExitCode = 2;

export function registerStart(program: Command): void {
  program
    .command('start')
    .description('run a whole Postfold on this machine: servers, handlers, and the AWS services they call')
    .option('--data <dir>', 'folder that keeps everything', '.postfold')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port-offset <n>', 'added to the standard ports: 2000 gives SMTP 2025, IMAP 2143, ...', '2000')
    .option('--aws-port <port>', 'port of the embedded AWS, on 127.0.0.1', '4566')
    .option('--aws-endpoint <url>', 'take S3, DynamoDB and SQS from there instead')
    .option('--domain <domain>', 'domain of the demo accounts of a first start', 'example.test')
    .option(
      '--route <domain=host:port>',
      "where a domain's mail goes instead of its MX; '*' for all (repeatable)",
      collect,
    )
    .option('--dns <host:port>', 'DNS server to ask instead of the system one, believed whatever it says')
    .option('--retry <durations>', 'waits between delivery attempts, the last repeats: 2s,4s,8s')
    .option('--expire <duration>', 'when undelivered mail goes back: 5d')
    .option('--warn <duration>', 'when the sender is told of a delay: 4h')
    .option('--insecure-auth', 'accept passwords without TLS (loopback only)')
    .addHelpText(
      'after',
      '\nPOSTFOLD_DEMO_PASSWORD sets the password of the demo accounts of a first start.\n',
    )
    .action(async (raw: RawStartOptions, command: Command) => {
      const options = parse(raw, command);
      const { start } = await import('./start.ts');
      process.exitCode = await start(options);
    });
}

function parse(raw: RawStartOptions, command: Command): ReturnType<typeof parseStartOptions> {
  try {
    return parseStartOptions(raw);
  } catch (error) {
    if (error instanceof OptionError)
      command.error(`postfold: ${error.message}`, { exitCode: usageExitCode });
    throw error;
  }
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  if (value === '') throw new InvalidArgumentError('it is empty');
  return [...before, value];
}
