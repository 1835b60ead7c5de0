/** The Range header of a GET, for one range of bytes (RFC 9110 14.1.2). */
import { S3Error } from './error.ts';

/** `start` included, `end` excluded. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** @returns undefined for no range, several, or nonsense: then the whole object is sent. @throws S3Error InvalidRange */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec((header ?? '').trim());
  const first = match?.[1] ?? '';
  const last = match?.[2] ?? '';
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), sizeBytes);
    if (length === 0) throw invalidRange(header, sizeBytes);
    return { start: sizeBytes - length, end: sizeBytes };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= sizeBytes) throw invalidRange(header, sizeBytes);
  return { start, end: last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes) };
}

function invalidRange(header: string | undefined, sizeBytes: number): S3Error {
  return new S3Error(416, 'InvalidRange', 'The requested range is not satisfiable', {
    RangeRequested: header ?? '',
    ActualObjectSize: String(sizeBytes),
  });
}
