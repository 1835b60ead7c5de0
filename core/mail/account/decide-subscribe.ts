/** Deciding SUBSCRIBE and UNSUBSCRIBE; the name need not exist. RFC 9051 6.3.7, 6.3.8. */
import { change, type Decision, nothing, refuse } from './decision.ts';
import { maxSubscriptions } from './limits.ts';
import type { AccountState } from './state.ts';

export function decideSubscribe(state: AccountState, name: string, subscribed: boolean): Decision {
  if (state.subscriptions.has(name) === subscribed) return nothing;
  if (subscribed && state.subscriptions.size >= maxSubscriptions)
    return refuse('LIMIT', `More than ${maxSubscriptions} subscriptions`);
  return change({ kind: 'subscribed', name, subscribed });
}
