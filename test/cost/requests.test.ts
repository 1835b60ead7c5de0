/**
 * What each operation asks of AWS, exactly: a request more (or fewer) shows here, by operation
 * and table. The same operations make the tables of docs/cost.md.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { billLines } from '../../bench/cost/bill-lines.ts';
import { operations } from '../../bench/cost/operations.ts';
import { measured, World } from '../../bench/cost/world.ts';

const world = await World.open({ messageBytes: 5_000 });
after(() => world.close());

const expected: Readonly<Record<string, readonly string[]>> = {
  'receive, 1 recipient': [
    'BatchGetItem Routes x1 = 1 RRU',
    'Invoke ingest x1',
    'PutItem Log x1 = 1 WRU',
    'PutItem Messages x1 = 1 WRU',
    'PutObject bucket x1',
    'Query Directory x1 = 0.5 RRU',
    'Query Log x1 = 1 RRU',
  ],
  'receive, 1 recipient, another within a minute': [
    'BatchGetItem Routes x1 = 1 RRU',
    'Invoke ingest x1',
    'PutItem Log x1 = 1 WRU',
    'PutItem Messages x1 = 1 WRU',
    'PutObject bucket x1',
    'Query Directory x1 = 0.5 RRU',
    'Query Log x1 = 1 RRU',
  ],
  'receive, 1 recipient, IMAP session in IDLE': [
    'BatchGetItem Routes x1 = 1 RRU',
    'Invoke ingest x1',
    'PutItem Log x1 = 1 WRU',
    'PutItem Messages x1 = 1 WRU',
    'PutObject bucket x1',
    'Query Directory x1 = 0.5 RRU',
    'Query Log x2 = 2 RRU',
  ],
  'receive, 10 recipients of one tenant': [
    'BatchGetItem Routes x10 = 10 RRU',
    'Invoke ingest x1',
    'PutItem Log x10 = 10 WRU',
    'PutItem Messages x10 = 10 WRU',
    'PutObject bucket x1',
    'Query Directory x10 = 5 RRU',
    'Query Log x10 = 10 RRU',
  ],
  'send: submission to relay to the 250 of the other side': [
    'BatchGetItem Routes x3 = 2.5 RRU',
    'DeleteMessageBatch outbound x1',
    'GetItem Directory x2 = 2 RRU',
    'GetObject bucket x1',
    'Invoke ingest x1',
    'Invoke relay x1',
    'PutItem Outbound x2 = 4 WRU',
    'PutObject bucket x1',
    'ReceiveMessage outbound x1',
    'SendMessage outbound x1',
    'UpdateItem Outbound x1 = 1 WRU',
  ],
  'the tick, nothing due': ['Invoke tick x1', 'Query Outbound x4 = 2 RRU'],
  'LOGIN + SELECT, cold task': [
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'GetObject bucket x1',
    'Query Log x1 = 1 RRU',
  ],
  'LOGIN + SELECT, cold task, account with a snapshot': [
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'GetObject bucket x1',
    'Query Log x1 = 1 RRU',
  ],
  'LOGIN + SELECT, warm task': [
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'Query Log x1 = 1 RRU',
  ],
  'LOGOUT of the last session': [],
  'IDLE begins': ['PutItem Directory x1 = 1 WRU', 'Query Log x2 = 2 RRU'],
  'IDLE, one minute': ['Query Log x1 = 1 RRU'],
  'FETCH 50 envelopes, records not yet read': ['BatchGetItem Messages x1 = 25 RRU'],
  'FETCH 50 envelopes, again': [],
  'FETCH BODY.PEEK[]': ['BatchGetItem Messages x1 = 0.5 RRU', 'GetObject bucket x1'],
  'FETCH BODY.PEEK[], again': [],
  'FETCH BODY[], envelope read before': [
    'GetObject bucket x1',
    'PutItem Log x1 = 1 WRU',
    'Query Directory x1 = 0.5 RRU',
  ],
  'FETCH BODY.PEEK[1] of 5 MB': ['BatchGetItem Messages x1 = 0.5 RRU', 'GetObject bucket x1'],
  'imapflow: connect, open INBOX, read the newest, log out': [
    'BatchGetItem Messages x1 = 0.5 RRU',
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'GetObject bucket x2',
    'Query Log x2 = 2 RRU',
  ],
  'STORE one flag': ['PutItem Log x1 = 1 WRU', 'Query Directory x1 = 0.5 RRU'],
  'MOVE of 1': ['PutItem Log x1 = 1 WRU', 'Query Directory x1 = 0.5 RRU'],
  'MOVE of 100': ['PutItem Log x1 = 1 WRU', 'Query Directory x1 = 0.5 RRU'],
  APPEND: [
    'PutItem Log x1 = 1 WRU',
    'PutItem Messages x1 = 1 WRU',
    'PutObject bucket x1',
    'Query Directory x1 = 0.5 RRU',
  ],
  'EXPUNGE of 1': ['PutItem Log x1 = 1 WRU', 'Query Directory x1 = 0.5 RRU'],
  'POP3 session that reads and deletes one message': [
    'BatchGetItem Messages x1 = 0.5 RRU',
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'GetObject bucket x2',
    'PutItem Log x1 = 1 WRU',
    'Query Directory x1 = 0.5 RRU',
    'Query Log x1 = 1 RRU',
  ],
  'POP3 session that finds nothing new': [
    'BatchGetItem Routes x1 = 1 RRU',
    'GetItem Directory x1 = 1 RRU',
    'GetObject bucket x1',
    'Query Log x1 = 1 RRU',
  ],
};

for (const operation of operations) {
  const { name } = operation;
  test(name, async () => {
    const { bill } = await measured(world, operation);
    assert.deepEqual(billLines(bill), expected[name]);
  });
}
