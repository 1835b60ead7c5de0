import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logLine } from './log-line.ts';

test('an error is told with its causes, a cycle of them too', () => {
  const root = new TypeError('no credentials');
  const error = new Error('ingest failed', { cause: root });
  const told = JSON.parse(logLine({ event: 'failure', error }));
  assert.equal(told.error, 'Error: ingest failed <- TypeError: no credentials');
  assert.match(told.at, /^\d{4}-\d\d-\d\dT/);
  root.cause = error;
  assert.match(logLine({ error }), /no credentials/);
});
