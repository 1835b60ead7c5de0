/** What a relay must be told, as plain values; the deployables read them from their environment. */
import type { RetryPolicy } from '../../mail/transfer/schedule.ts';
import type { DestinationSettings } from './destination.ts';
import type { Timeouts } from './smtp/limits.ts';

export interface RelaySettings extends DestinationSettings {
  /** Our name in EHLO, in Reporting-MTA and behind MAILER-DAEMON@. */
  readonly hostname: string;
  readonly retry: RetryPolicy;
  readonly timeouts: Timeouts;
  /** What one attempt may take in all; then its connection is cut. */
  readonly attemptMs: number;
  /**
   * How long a relay that went silent keeps the job to itself. A working one renews its lease at
   * every third of this, so a crash costs no more time than this plus a tick.
   */
  readonly leaseMs: number;
}
