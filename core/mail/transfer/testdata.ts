/** A job as the tests of this folder and of the relay start from. */
import type { MessageId, TenantId } from '../ids.ts';
import type { OutboundJob } from './job.ts';

export const testMessageId = '0197a000-0000-7000-8000-000000000001' as MessageId;

/** A queued submission of two recipients, created at 1,000,000 and due at once. */
export function testJob(change: Partial<OutboundJob> = {}): OutboundJob {
  return {
    version: 1,
    tenant: 'acme' as TenantId,
    jobId: `${testMessageId}.remote.example`,
    messageId: testMessageId,
    body: { key: `acme/bodies/2026-01-01/${testMessageId}`, sizeBytes: 100 },
    origin: 'submission',
    reversePath: 'ann@acme.example',
    domain: 'remote.example',
    recipients: [
      { address: 'bob@remote.example', state: 'pending' },
      { address: 'eve@remote.example', state: 'pending' },
    ],
    smtpUtf8: false,
    createdAtMs: 1_000_000,
    dueAtMs: 1_000_000,
    expiresAtMs: 1_000_000 + 432_000_000,
    attempts: 0,
    state: 'queued',
    ...change,
  };
}
