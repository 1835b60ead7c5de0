import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OptionError, parseStartOptions, type RawStartOptions } from './options.ts';

const defaults: RawStartOptions = {
  data: '.postfold',
  host: '127.0.0.1',
  portOffset: '2000',
  awsPort: '4566',
  domain: 'example.test',
  route: [],
};

test('durations, routes and DNS become values', () => {
  const options = parseStartOptions({
    ...defaults,
    retry: '2s,4s,8s',
    expire: '20s',
    warn: '6s',
    route: ['Example.NET=127.0.0.1:2626', '*=[::1]:587'],
    dns: '127.0.0.1:5353',
  });
  assert.deepEqual(options.retryMs, [2000, 4000, 8000]);
  assert.equal(options.expireMs, 20_000);
  assert.equal(options.warnMs, 6000);
  assert.deepEqual(
    [...options.routes].map(([domain, { name, port }]) => [domain, name, port]),
    [
      ['example.net', '127.0.0.1', 2626],
      ['*', '::1', 587],
    ],
  );
  assert.deepEqual(options.dns, { host: '127.0.0.1', port: 5353 });
});

test('clear-text passwords are refused off loopback', () => {
  assert.throws(() => parseStartOptions({ ...defaults, host: '0.0.0.0', insecureAuth: true }), OptionError);
  assert.equal(parseStartOptions({ ...defaults, host: '::1', insecureAuth: true }).insecureAuth, true);
});

const bad: readonly Partial<RawStartOptions>[] = [
  { portOffset: '65000' },
  { portOffset: '-1' },
  { awsPort: '0' },
  { awsPort: '4566x' },
  { host: 'mail.example' },
  { domain: 'nodots' },
  { domain: '-bad.example' },
  { retry: '2s,,8s' },
  { retry: '0s' },
  { expire: '3 weeks' },
  { route: ['example.net'] },
  { route: ['example.net=127.0.0.1:99999'] },
  { route: ['example.net=a:b:c'] },
  { dns: '' },
  { dns: 'nowhere' },
  { dns: 'ns.example.test:53' },
  { dns: '127.0.0.1:0' },
  { awsEndpoint: 'ftp://x' },
];

for (const options of bad) {
  test(`refused with one line: ${JSON.stringify(options)}`, () => {
    assert.throws(
      () => parseStartOptions({ ...defaults, ...options }),
      (error) => error instanceof OptionError && /^--/.test(error.message) && !error.message.includes('\n'),
    );
  });
}
