/** Works on many things with a bounded number under way. */
import { inFlight } from './settings.ts';

/** The answers in order; the first failure ends it when what is under way has ended. */
export async function mapInFlight<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let at = 0; at < items.length; at += inFlight)
    answers.push(...(await Promise.all(items.slice(at, at + inFlight).map(work))));
  return answers;
}
