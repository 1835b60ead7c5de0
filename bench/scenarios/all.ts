/** All scenarios in the order in which they run, and the mail that those which were chosen need. */

import type { MailMaker } from '../mail.ts';
import type { BenchOptions } from '../options.ts';
import type { Progress } from '../progress.ts';
import type { Server } from '../servers/server.ts';
import { copyUpTo, fill } from './fill.ts';
import { idleScenarios } from './idle.ts';
import { boxScenarios, imapScenarios } from './imap.ts';
import { pop3Scenarios } from './pop3.ts';
import { type Box, type Scenario, speaksImap } from './scenario.ts';
import { smtpScenarios } from './smtp.ts';

export function chosenScenarios({ only, boxes, connections }: BenchOptions): readonly Scenario[] {
  const all = [
    ...smtpScenarios(connections),
    ...imapScenarios(),
    ...boxes.flatMap((count) => boxScenarios(count, sizeLabel(count))),
    ...pop3Scenarios(),
    ...idleScenarios(),
  ];
  if (only.length === 0) return all;
  return all.filter(({ name }) => only.some((text) => name.toLowerCase().includes(text.toLowerCase())));
}

/**
 * Fills the mailboxes of the chosen scenarios, of servers whose mailboxes are used. One of more
 * than `distinct` messages is copied from a smaller one that has as many.
 */
export async function fillFor(
  server: Server,
  scenarios: readonly Scenario[],
  mail: MailMaker,
  distinct: number,
  progress: Progress,
): Promise<void> {
  if (!speaksImap(server)) return;
  const boxes = new Map(scenarios.flatMap(({ box }) => (box === undefined ? [] : [[box.mailbox, box]])));
  let source: Box | undefined;
  for (const box of boxes.values()) {
    const tell = (done: number) =>
      progress.show(`filling ${server.name}: ${box.mailbox} ${done}/${box.count}`, done === box.count);
    if (source !== undefined && box.count > distinct) await copyUpTo(server, source, box, 0, tell);
    else await fill(server, box, mail, tell);
    if (box.octets === undefined && box.count >= distinct) source ??= box;
  }
}

function sizeLabel(count: number): string {
  return count >= 1000 ? `${count / 1000}k` : String(count);
}
