/** What a command is to the session: in which states it is in order, and what it does. */
import type { SmtpContext, State } from '../context.ts';
import type { Reply } from '../reply.ts';

export interface Handler {
  readonly verb: string;
  /** States in which the command may come; 503 5.5.1 in all others. */
  readonly states: readonly State[];
  /** What 503 tells the client to do first. */
  readonly needs: string;
  /** For HELP. */
  readonly syntax: string;
  run(context: SmtpContext, argument: string): Promise<Reply>;
}

export const anyState: readonly State[] = ['connected', 'greeted', 'mail', 'recipients'];
