#!/usr/bin/env node
/** The command line: starts a whole Postfold on this machine, or administers a running one. */
import { createRequire } from 'node:module';
import { Command } from 'commander';
import { registerAdminCommands } from './cli/admin.ts';
import { registerStart, usageExitCode } from './start/command.ts';
import { connect } from './start/connect.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };
const program = new Command('postfold')
  .description('A mail backend you own: SMTP, POP3 and IMAP over S3, DynamoDB and SQS')
  .version(version, '--version')
  .showSuggestionAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageExitCode));
registerStart(program);
registerAdminCommands(program, connect);
await program.parseAsync();
