/** The texts of routes, and which one a domain takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoute, routeFor } from './route.ts';

test('a plain route', () => {
  assert.deepEqual(parseRoute('Example.NET=127.0.0.1:2626'), [
    'example.net',
    { name: '127.0.0.1', port: 2626, implicitTls: false, verifiedTls: false },
  ]);
  assert.equal(parseRoute('a.example=mx.b.example')[1].port, 25);
  assert.equal(parseRoute('a.example=[::1]:26')[1].name, '::1');
});

test('a smarthost with a password demands TLS that fits', () => {
  assert.deepEqual(parseRoute('*=smtp://us%40er:p%3Aw@email-smtp.example'), [
    '*',
    {
      name: 'email-smtp.example',
      port: 587,
      implicitTls: false,
      verifiedTls: true,
      credentials: { user: 'us@er', password: 'p:w' },
    },
  ]);
  const [, implicit] = parseRoute('a.example=smtps://relay.example');
  assert.deepEqual([implicit.port, implicit.implicitTls, implicit.verifiedTls], [465, true, true]);
});

test('the domain goes before the star', () => {
  const routes = new Map([parseRoute('*=all.example'), parseRoute('a.example=one.example')]);
  assert.equal(routeFor(routes, 'a.example')?.name, 'one.example');
  assert.equal(routeFor(routes, 'b.example')?.name, 'all.example');
  assert.equal(routeFor(new Map(), 'b.example'), undefined);
});

test('what is no route is said', () => {
  for (const bad of [
    '',
    'a.example',
    '=b',
    'a.example=',
    'a.example=b:0',
    'a.example=b:70000',
    '*=http://x',
    'a b=c',
  ])
    assert.throws(() => parseRoute(bad), /route/, bad);
});
