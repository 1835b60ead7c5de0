/**
 * Watches all that is asked of an embedded AWS: when each request began and ended, and whether
 * any is under way. Long polls do not count: somebody always waits at a queue.
 */
import type { Cloud } from '../../local/cloud.ts';
import { identify } from '../../local/identify.ts';

export interface TracedRequest {
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
    const identity = identify(request);
    const name = `${identity?.service} ${identity?.operation}`;
    const counts = name === 'sqs ReceiveMessage' ? 0 : 1;
    const beganMs = performance.now();
    underWay += counts;
    try {
      return await dispatch(request);
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
