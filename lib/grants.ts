/** Who may do what to the stores, by role and not by table: each role is the least that its code calls. */
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Storage } from './storage.ts';

const read = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

/** Find recipients, domains and logins. */
export function grantDirectory(storage: Storage, grantee: IGrantable): void {
  storage.routes.grant(grantee, 'dynamodb:GetItem', 'dynamodb:BatchGetItem');
  storage.directory.grant(grantee, ...read);
}

/** Put a message into accounts, and jobs into the queue. */
export function grantIngest(storage: Storage, grantee: IGrantable): void {
  grantDirectory(storage, grantee);
  storage.log.grant(grantee, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query');
  storage.messages.grant(grantee, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:BatchGetItem');
  storage.outbound.grant(grantee, 'dynamodb:PutItem');
  storage.bodies.grantRead(grantee);
  storage.bodies.grantPut(grantee);
  storage.queue.grantSendMessages(grantee);
}

/** Work on jobs. Reading the queue is granted by the event source. */
export function grantRelay(storage: Storage, grantee: IGrantable): void {
  grantDirectory(storage, grantee);
  storage.outbound.grant(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem');
  storage.bodies.grantRead(grantee);
  storage.queue.grantSendMessages(grantee);
}

/** Find due jobs and wake them. */
export function grantTick(storage: Storage, grantee: IGrantable): void {
  storage.outbound.grant(grantee, 'dynamodb:Query', 'dynamodb:UpdateItem');
  storage.queue.grantSendMessages(grantee);
}

/** Delete what no mailbox names any more, keep where it got to, and drop removed accounts. */
export function grantReap(storage: Storage, grantee: IGrantable): void {
  const transact = ['dynamodb:PutItem', 'dynamodb:DeleteItem', 'dynamodb:ConditionCheckItem'];
  storage.directory.grant(grantee, ...read, ...transact);
  storage.log.grant(grantee, ...read, 'dynamodb:PutItem', 'dynamodb:BatchWriteItem');
  storage.messages.grant(grantee, ...read, 'dynamodb:UpdateItem', 'dynamodb:DeleteItem');
  storage.outbound.grant(grantee, 'dynamodb:Query');
  storage.bodies.grantRead(grantee);
  storage.bodies.grantPut(grantee); // snapshots
  storage.bodies.grantDelete(grantee);
}

/** Take mail in by SMTP: who is it for, is there room, and large bodies straight to the bucket. */
export function grantSmtp(storage: Storage, grantee: IGrantable): void {
  grantDirectory(storage, grantee);
  storage.log.grant(grantee, 'dynamodb:GetItem', 'dynamodb:Query');
  storage.bodies.grantPut(grantee);
}

/** Open accounts and change them (IMAP and POP3), and ring others. */
export function grantMailboxes(storage: Storage, grantee: IGrantable): void {
  grantDirectory(storage, grantee);
  storage.log.grant(grantee, 'dynamodb:PutItem', 'dynamodb:GetItem', 'dynamodb:Query');
  storage.messages.grant(grantee, ...read, 'dynamodb:PutItem');
  storage.bodies.grantRead(grantee);
  storage.bodies.grantPut(grantee);
  storage.bodies.grantDelete(grantee, '*/accounts/*/snapshots/*'); // whoever cuts one clears old ones away
}

/** Be rung by others: leases beside the account. */
export function grantBell(storage: Storage, grantee: IGrantable): void {
  storage.directory.grant(grantee, 'dynamodb:PutItem', 'dynamodb:DeleteItem');
}
