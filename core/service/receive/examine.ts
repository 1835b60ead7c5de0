/**
 * Whether the message is taken at all, and what it gets in front: the author check of a
 * submission, the judgement of mail from outside, the loop check for both.
 */
import { judge, unjudgedField, type Verdict } from '../../auth/verdict/verdict.ts';
import { parseAddress } from '../../mail/address.ts';
import type { Identity } from '../../mail/ports/directory.ts';
import type { ReceiveDependencies } from './dependencies.ts';
import type { IngestEvent, IngestResult } from './event.ts';
import { type HeaderSurvey, surveyHeader } from './header-survey.ts';
import * as limits from './limits.ts';
import { result } from './result.ts';
import type { MessageSource } from './source.ts';
import { dateField, messageIdField, receivedField } from './trace.ts';

export type Examined =
  | { readonly kind: 'refused'; readonly result: IngestResult }
  | {
      readonly kind: 'taken';
      /** What goes between Return-Path and the message; ends with an empty line for a message without a header. */
      readonly fields: string;
      readonly cuts: HeaderSurvey['cuts'];
      /** The author's domain asks for quarantine. */
      readonly suspect: boolean;
    };

type Needs = Pick<ReceiveDependencies, 'settings' | 'directory' | 'resolver' | 'clock'>;

export async function examine(event: IngestEvent, source: MessageSource, needs: Needs): Promise<Examined> {
  const { hostname } = needs.settings;
  if (!source.header) return refused(result.headerTooLarge);
  const survey = surveyHeader(source.header, hostname, event.origin === 'submission');
  const objection = objectionTo(survey);
  if (objection) return refused(objection);
  if (event.origin === 'mx') return examineForeign(event, source, survey, needs);
  const foreignAuthor =
    event.origin === 'submission' ? await authorObjection(event, survey, needs) : undefined;
  if (foreignAuthor) return refused(foreignAuthor);
  const fields = receivedField(event, hostname) + missingFields(event, survey, hostname);
  return taken(fields, source, survey, false);
}

function objectionTo(survey: HeaderSurvey): IngestResult | undefined {
  if (survey.tooManyFields) return result.headerTooLarge;
  if (survey.receivedFields > limits.maxReceivedFields) return result.loop;
  // RFC 5322 3.6: one. A reader shows one of them, and who knows which
  if (survey.fromFields > 1) return result.severalFrom(survey.fromFields);
  return survey.signatures > limits.maxSignatures ? result.tooManySignatures : undefined;
}

async function examineForeign(
  event: IngestEvent,
  source: MessageSource,
  survey: HeaderSurvey,
  needs: Needs,
): Promise<Examined> {
  const { settings } = needs;
  const received = receivedField(event, settings.hostname);
  if (!settings.dnsAvailable)
    return taken(unjudgedField(settings.hostname) + received, source, survey, false);
  const verdict = await judgeSource(event, source, survey, needs);
  if (verdict.action === 'reject') return refused(result.policy(verdict.domain));
  if (verdict.action === 'defer') return refused(result.undecided(verdict.domain));
  return taken(verdict.field + received, source, survey, verdict.action === 'quarantine');
}

/** Without signatures the header says all that the checks look at; the body need not be read. */
function judgeSource(
  { client, reversePath }: IngestEvent,
  source: MessageSource,
  { signatures }: HeaderSurvey,
  { settings: { hostname }, resolver, clock }: Needs,
): Promise<Verdict> {
  const whole = source.octets ?? source.stream(0, source.sizeBytes);
  const octets = signatures === 0 && source.header ? source.header : whole;
  const judged = { clientAddress: client.address, helo: client.helo, reversePath, hostname };
  return judge(octets, judged, resolver, () => clock.now());
}

/** RFC 6409 6.1 and 8: what is said in From must be the submitter's to say. */
async function authorObjection(
  { identity }: IngestEvent,
  { authors }: HeaderSurvey,
  { directory }: Needs,
): Promise<IngestResult | undefined> {
  if (authors.length === 0 || !identity) return result.noAuthor;
  if (authors.length > limits.maxAuthors) return result.notYours(`list of ${authors.length}`);
  const who: Identity = { ...identity, quotaBytes: 0 };
  for (const author of new Set(authors)) {
    const address = parseAddress(author);
    if (!address || !(await directory.mayUse(who, address))) return result.notYours(`<${author}>`);
  }
  return undefined;
}

/** RFC 6409 8.2 and 8.3. */
function missingFields(
  event: IngestEvent,
  { hasDate, hasMessageId }: HeaderSurvey,
  hostname: string,
): string {
  if (event.origin !== 'submission') return '';
  const date = hasDate ? '' : dateField(event.receivedAtMs);
  return date + (hasMessageId ? '' : messageIdField(event.messageId, hostname));
}

function refused(outcome: IngestResult): Examined {
  return { kind: 'refused', result: outcome };
}

function taken(
  fields: string,
  { header, sizeBytes }: MessageSource,
  { cuts }: HeaderSurvey,
  suspect: boolean,
): Examined {
  const onlyText = header?.length === 0 && sizeBytes > 0; // it must not become part of our header
  return { kind: 'taken', fields: onlyText ? `${fields}\r\n` : fields, cuts, suspect };
}
