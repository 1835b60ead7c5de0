/** One JSON line per event. An Error in it is told with its causes: the SDK's own words are the last of them. */

/** `fields` as a line without its end, with the time in front. */
export function logLine(fields: object): string {
  return JSON.stringify({ at: new Date().toISOString(), ...fields }, plainErrors);
}

/** Causes of causes are told so far; a cycle of them ends there too. */
const maxCauses = 5;

function plainErrors(_key: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const says: string[] = [];
  for (let cause: unknown = value; cause instanceof Error && says.length < maxCauses; cause = cause.cause) {
    says.push(`${cause.name}: ${cause.message}`);
  }
  return says.join(' <- ');
}
