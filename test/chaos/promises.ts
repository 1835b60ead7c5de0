/** What was promised, counted by kind. */
export interface Promises {
  deliveries: number;
  submissions: number;
  appends: number;
  stores: number;
  moves: number;
  copies: number;
  expunges: number;
  popDeletes: number;
  mailboxes: number;
  inboxRenames: number;
  subscriptions: number;
  refusals: number;
  unanswered: number;
}

export function noPromises(): Promises {
  return {
    ...{ deliveries: 0, submissions: 0, appends: 0, stores: 0, moves: 0, copies: 0, expunges: 0 },
    ...{ popDeletes: 0, mailboxes: 0, inboxRenames: 0, subscriptions: 0, refusals: 0, unanswered: 0 },
  };
}

/** All but what was refused or not answered. */
export function keptOf({ unanswered: _, refusals: __, ...promised }: Promises): number {
  return Object.values(promised).reduce((sum, count) => sum + count, 0);
}
