/**
 * Watches all that is asked of an embedded AWS: when each request began and ended, and whether
 * any is under way. Long polls do not count: somebody always waits at a queue.
 */
import { asBuffer } from '../../local/bytes.ts';
import type { Cloud } from '../../local/cloud.ts';
import { identify } from '../../local/identify.ts';
import type { AwsRequest, AwsResponse } from '../../local/types.ts';

export interface TracedRequest {
  /** Operation and table, bucket or function, for example `Query Log`. */
  readonly name: string;
  readonly beganMs: number;
  readonly endedMs: number;
}

export interface RequestTrace {
  /** In order of their end. */
  readonly requests: readonly TracedRequest[];
  readonly underWay: number;
  clear(): void;
}

export function traceRequests(cloud: Cloud): RequestTrace {
  const requests: TracedRequest[] = [];
  let underWay = 0;
  const dispatch = cloud.dispatch.bind(cloud);
  cloud.dispatch = async (request) => {
    let name = nameOf(request);
    const counts = isPoll(name) ? 0 : 1;
    const beganMs = performance.now();
    underWay += counts;
    try {
      const response = await dispatch(request);
      if (isPoll(name) && isEmpty(response)) name = emptyPoll;
      return response;
    } finally {
      underWay -= counts;
      requests.push({ name, beganMs, endedMs: performance.now() });
    }
  };
  return {
    requests,
    get underWay() {
      return underWay;
    },
    clear: () => requests.splice(0),
  };
}

/** The name of a look at the queue that found nothing. */
export const emptyPoll = 'ReceiveMessage in vain';

const isPoll = (name: string) => name === 'ReceiveMessage';

/** An answer without messages is an empty object. */
function isEmpty({ body }: AwsResponse): boolean {
  return body instanceof Uint8Array && body.length < 5;
}

const tablePattern = /"(?:TableName|RequestItems)":(?:\{)?"postfold-([^"]+)"/;

const functionPattern = /functions\/postfold-([^/]+)/;

function nameOf(request: AwsRequest): string {
  const identity = identify(request);
  const operation = identity?.operation ?? 'unknown';
  if (identity?.service === 's3') return `${operation} bucket`;
  if (identity?.service === 'lambda') return `${operation} ${functionPattern.exec(request.path)?.[1]}`;
  if (identity?.service !== 'dynamodb') return operation;
  const table = tablePattern.exec(inputText(request))?.[1];
  return table === undefined ? operation : `${operation} ${table}`;
}

function inputText({ input, body }: AwsRequest): string {
  if (input !== undefined) return JSON.stringify(input);
  return body instanceof Uint8Array ? asBuffer(body).toString('latin1') : '';
}
