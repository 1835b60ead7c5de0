/**
 * Runs the contract tests of the embedded AWS against another endpoint that speaks its
 * APIs: `node bin/test-aws.ts --endpoint http://127.0.0.1:4566`. Without an endpoint they
 * run against the embedded AWS itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { endpoint: { type: 'string' } } });
const env = { ...process.env };
if (values.endpoint !== undefined)
  env.POSTFOLD_TEST_AWS_ENDPOINT = new URL(values.endpoint).href.replace(/\/$/, '');

const tests = ['--test', '--test-timeout=60000', 'local/**/*contract*.test.ts'];
const cwd = new URL('..', import.meta.url);
const child = spawn(process.execPath, tests, { cwd, env, stdio: 'inherit' });
const [code] = await once(child, 'exit');
process.exitCode = code ?? 1;
