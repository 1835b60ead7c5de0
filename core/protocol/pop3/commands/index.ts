/** All commands of this server by keyword. APOP is off: it needs passwords stored in clear. */
import type { Handler } from '../handler.ts';
import { auth } from './auth.ts';
import { capa } from './capa.ts';
import { dele, noop, rset } from './dele-rset-noop.ts';
import { list, uidl } from './listings.ts';
import { quit } from './quit.ts';
import { retr } from './retr.ts';
import { stat } from './stat.ts';
import { stls } from './stls.ts';
import { top } from './top.ts';
import { pass, user } from './user-pass.ts';

export const handlers: ReadonlyMap<string, Handler> = new Map(
  [auth, capa, dele, list, noop, pass, quit, retr, rset, stat, stls, top, uidl, user].map((handler) => [
    handler.keyword,
    handler,
  ]),
);
