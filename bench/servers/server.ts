/** What the benchmark knows of a server under test: where it listens, whose CPU counts, how to end it. */

export interface Server {
  readonly name: string;
  readonly version: string;
  readonly smtp?: number;
  readonly imap?: number;
  readonly imaps?: number;
  readonly pop3?: number;
  /** Roots of its process trees. */
  readonly roots: readonly number[];
  /** Frees what its runtime holds and nobody uses. */
  readonly collect?: () => Promise<void>;
  stop(): Promise<void>;
}

/** A peer that is not installed, and what would change that. */
export interface Missing {
  readonly name: string;
  readonly hint: string;
}

export const domain = 'bench.test';
export const password = 'bench-secret';
/** Gets the large mailboxes. */
export const reader = `reader@${domain}`;
/** Gets what is appended. */
export const writer = `writer@${domain}`;
/** Get mail over SMTP and log in often. */
export const users: readonly string[] = Array.from({ length: 50 }, (_, n) => `user${n}@${domain}`);

export function userOf(n: number): string {
  return users[n % users.length] ?? reader;
}
