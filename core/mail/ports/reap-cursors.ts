/** The port to where the reaper got to; losing a cursor costs a longer run, nothing else. */
import type { TenantId } from '../ids.ts';

export interface ReapCursors {
  /** What `put` kept last under the name. */
  get(tenant: TenantId, name: string): Promise<string | undefined>;
  put(tenant: TenantId, name: string, value: string): Promise<void>;
}
