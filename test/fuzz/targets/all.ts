/** Every target, by name. */
import type { Target } from '../target.ts';
import { dynamodb } from './dynamodb.ts';
import { header } from './header-value.ts';
import { imap } from './imap.ts';
import { imapCommand } from './imap-command.ts';
import { mime } from './mime.ts';
import { names } from './names.ts';
import { pop3 } from './pop3.ts';
import { proxy } from './proxy.ts';
import { relayReply } from './relay-reply.ts';
import { smtp } from './smtp.ts';
import { starttls } from './starttls.ts';

export const targets: readonly Target[] = [
  mime,
  header,
  names,
  imapCommand,
  proxy,
  smtp,
  starttls,
  pop3,
  imap,
  relayReply,
  dynamodb,
];

export function targetNamed(name: string): Target {
  const target = targets.find((one) => one.name === name);
  if (target === undefined)
    throw new Error(`no target ${name}; there are ${targets.map((one) => one.name).join(', ')}`);
  return target;
}
