/** Attempts at a job against sinks: what the tests of core/service/relay/attempt.ts begin with. */
import type { OutboundJob } from '../../../core/mail/transfer/job.ts';
import type { DeliveryOutcome } from '../../../core/mail/transfer/outcome.ts';
import { testJob } from '../../../core/mail/transfer/testdata.ts';
import { type AttemptPorts, attempt } from '../../../core/service/relay/attempt.ts';
import type { Route } from '../../../core/service/relay/route.ts';
import { SilentHosts } from '../../../core/service/relay/silent-hosts.ts';
import type { Timeouts } from '../../../core/service/relay/smtp/limits.ts';
import { openSink, type Sink, type SinkScript } from './sink.ts';
import { directoryOf, MemoryBodies, scriptedDns, testSettings } from './world.ts';

export const plain = 'From: Ann <ann@acme.example>\r\nSubject: hi\r\n\r\nbody\r\n';

export interface Situation {
  readonly text?: string;
  readonly job?: Partial<OutboundJob>;
  readonly route?: Partial<Route>;
  readonly ports?: Partial<AttemptPorts>;
  readonly attemptMs?: number;
  readonly timeouts?: Partial<Timeouts>;
}

type Outcomes = readonly (DeliveryOutcome | undefined)[];

/** Outcomes that differ, as `failed 5.1.1, delivered 2.0.0`. */
export function brief(outcomes: Outcomes): string {
  return [...new Set(outcomes.map((one) => (one ? `${one.kind} ${one.status}` : 'none')))].join(', ');
}

/** A script that gives one command an answer of its own. */
export function only(what: string, answer: string): SinkScript {
  return { reply: (line) => (line.startsWith(what) ? answer : undefined) };
}

/** The sinks, bodies and failures of one test. */
export class Attempts {
  readonly bodies = new MemoryBodies();
  readonly failures: unknown[] = [];
  readonly #sinks: Sink[] = [];

  async close(): Promise<void> {
    await Promise.all(this.#sinks.map((sink) => sink.close()));
  }

  async sinkOf(script: SinkScript = {}, where?: Parameters<typeof openSink>[1]): Promise<Sink> {
    const sink = await openSink(script, where);
    this.#sinks.push(sink);
    return sink;
  }

  /** One attempt, by a route that leads to the sink. */
  send(
    sink: Sink,
    { text = plain, job = {}, route, ports = {}, attemptMs, timeouts }: Situation = {},
  ): Promise<Outcomes> {
    const to: Route = {
      name: 'localhost',
      port: sink.port,
      implicitTls: false,
      verifiedTls: false,
      ...route,
    };
    const settings = {
      ...testSettings,
      routes: new Map([['remote.example', to]]),
      timeouts: { ...testSettings.timeouts, ...timeouts },
    };
    return this.#attempt(text, job, ports, settings, attemptMs);
  }

  /** One attempt at a domain of two hosts: `first` (127.0.0.2) by the better preference, then `second` (127.0.0.1). */
  async sendToTwo(first: SinkScript, second: SinkScript) {
    const [one, other] = await this.#twoSinks(first, second);
    const outcomes = await this.sendByMx(one.port);
    return { one, other, outcomes };
  }

  /** One attempt at that domain, whoever listens on its hosts. */
  sendByMx(port: number): Promise<Outcomes> {
    const resolver = scriptedDns({
      'remote.example': {
        mx: [
          { exchange: 'second', priority: 2 },
          { exchange: 'first', priority: 1 },
        ],
      },
      first: { a: ['127.0.0.2'] },
      second: { a: ['127.0.0.1'] },
    });
    return this.#attempt(plain, {}, { resolver }, { ...testSettings, port });
  }

  async #attempt(
    text: string,
    change: Partial<OutboundJob>,
    ports: Partial<AttemptPorts>,
    settings: typeof testSettings,
    attemptMs = 5000,
  ): Promise<Outcomes> {
    const octets = Buffer.from(text, 'latin1');
    const job = testJob(change);
    await this.bodies.put(job.body.key, octets);
    return attempt(
      { ...job, body: { ...job.body, sizeBytes: octets.length } },
      {
        bodies: this.bodies,
        directory: directoryOf(),
        resolver: scriptedDns({}),
        silentHosts: new SilentHosts(Date.now, testSettings.retry),
        now: Date.now,
        random: Math.random,
        onFailure: (error) => this.failures.push(error),
        ...ports,
      },
      settings,
      AbortSignal.timeout(attemptMs),
    );
  }

  /** On one port, found by trying: others take ports too. */
  async #twoSinks(first: SinkScript, second: SinkScript): Promise<readonly [Sink, Sink]> {
    for (let attempt = 1; ; attempt++) {
      const one = await this.sinkOf(first, { host: '127.0.0.2' });
      try {
        return [one, await this.sinkOf(second, { port: one.port })];
      } catch (error) {
        if (attempt === 20) throw error;
      }
    }
  }
}
