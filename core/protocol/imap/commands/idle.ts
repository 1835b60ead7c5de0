/** IDLE (RFC 2177): changes are told as they come, until DONE. */
import type { AuthenticatedContext } from '../context.ts';
import type { Handler } from '../handler.ts';
import { MAX_IDLE_COMMAND_MS } from '../limits.ts';
import { bad, ok, type Status } from '../response/status.ts';

export const idle: Handler<'IDLE'> = {
  state: 'authenticated',
  capabilities: ['IDLE'],
  async run(context) {
    let late = false;
    let wake = () => {};
    const stopListening = context.account.onChange(() => wake());
    const stopTimer = context.deps.clock.after(MAX_IDLE_COMMAND_MS, () => {
      late = true;
      wake();
    });
    const drain = () => wake();
    context.draining.addEventListener('abort', drain);
    try {
      await context.look();
      context.out.line('+ idling');
      return await untilDone(
        context,
        () => late,
        (listener) => {
          wake = listener;
        },
      );
    } finally {
      context.draining.removeEventListener('abort', drain);
      stopTimer();
      stopListening();
    }
  },
};

/** `onWake` says whom to call when there is something to look at. */
async function untilDone(
  context: AuthenticatedContext,
  isLate: () => boolean,
  onWake: (listener: () => void) => void,
): Promise<Status> {
  const { connection, out, draining } = context;
  for (;;) {
    const woken = new AbortController();
    onWake(() => woken.abort());
    if (!report(context)) return ok('IDLE ends with the mailbox');
    await out.flush();
    if (isLate() || draining.aborted) return endIdle(context, draining.aborted);
    if (await connection.waitForInput(woken.signal)) break;
  }
  const line = await connection.readLine(100);
  const done = line.kind === 'line' && line.octets.toString('latin1').toUpperCase() === 'DONE';
  return done ? ok('IDLE ends') : bad('DONE expected');
}

/** False when the mailbox is gone; the session ends itself then. */
function report({ selected, account, out, enabled }: AuthenticatedContext): boolean {
  return !selected || selected.update(out, account.state, true, enabled);
}

function endIdle(context: AuthenticatedContext, draining: boolean): Status {
  if (!draining) {
    context.out.line('* BYE IDLE lasted too long');
    context.quit();
  }
  return ok('IDLE ends');
}
