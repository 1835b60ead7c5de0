/**
 * Mail made from a seed: message i of a seed is the same octets in every run and on every
 * machine. Lines end in CRLF and none starts with a dot, so a message goes over SMTP and IMAP as it is.
 */
import { Buffer } from 'node:buffer';
import { Random } from './random.ts';

/** In the subject of every hundredth message of a mailbox. */
export const rareSubject = 'heliotrope';
/** In the text of every two hundredth message of a mailbox. */
export const rareText = 'quagmire';

const words =
  `about above after again agenda answer any area ask autumn bank before bill board book budget call case change
  city client close cost course day deal delay dinner draft early east end even every fact family field file
  final first follow friend garden general give group half help hold home hour house idea issue item journey keep
  kind late law lead letter line list local long main market matter meeting moment money month morning name need
  night note number offer office open order other paper part past phone place plan point price problem product
  question rain report result return river road room school second sell send service share short side signed small
  some start state station still story street summer system table team thing time today town train travel trip under
  until update visit voice wait walk water week west window winter word work world write year yesterday`.split(
    /\s+/,
  );
const people = [
  'Ada',
  'Björn',
  'Carla',
  'Dilip',
  'Eszter',
  'Femi',
  'Grace',
  'Hana',
  'Ivo',
  'Jack',
  'Łucja',
  'Noor',
];
const hosts = ['acme.example', 'lists.acme.example', 'north.example', 'shop.example', 'uni.example'];
const firstDayMs = Date.UTC(2023, 4, 1);
const minutesApart = 7;
const poolOctets = 512 * 1024;

type Part = { readonly head: string; readonly body: readonly Buffer[] };

export class MailMaker {
  readonly #seed: number;
  readonly #prose: Buffer;
  readonly #html: Buffer;
  readonly #base64: Buffer;

  constructor(seed = 1) {
    this.#seed = seed;
    const random = new Random(seed, 0xb0d1e5);
    this.#prose = linesOf(poolOctets, () => sentence(random, 6 + random.below(6)));
    this.#html = linesOf(poolOctets, () => `<p class=3D"c${random.below(90)}">${sentence(random, 5)}</p>`);
    this.#base64 = linesOf(poolOctets, () =>
      Buffer.from(Array.from({ length: 57 }, () => random.below(256))).toString('base64'),
    );
  }

  /** Message `i` of a mailbox: some plain, most with an HTML alternative, some with a file; 1 to 100 KB, 3 KB at the middle. */
  message(i: number): Buffer {
    const random = new Random(this.#seed, i + 1);
    const seldom = i % 200 === 0 ? [Buffer.from(`A ${rareText} was seen.\r\n`)] : [];
    const kind = random.fraction();
    const text = {
      head: textHead('plain', '8bit'),
      body: [...seldom, ...this.#some(random, this.#prose, spread(random, 1400))],
    };
    if (kind < 0.4) return this.#join(random, i, text);
    const html = {
      head: textHead('html', 'quoted-printable'),
      body: this.#some(random, this.#html, spread(random, 1800)),
    };
    const both = multipart(random, 'alternative', [text, html]);
    if (kind < 0.92) return this.#join(random, i, both);
    const file = {
      head: fileHead(`scan-${i}.pdf`),
      body: this.#some(random, this.#base64, spread(random, 12_000)),
    };
    return this.#join(random, i, multipart(random, 'mixed', [both, file]));
  }

  /** A message of about `octets`: plain text up to 16 KB, above that a short text and one file. */
  sized(i: number, octets: number): Buffer {
    const random = new Random(this.#seed, i + 1, octets);
    const plain = octets <= 16 * 1024;
    const text = {
      head: textHead('plain', '7bit'),
      body: this.#some(random, this.#prose, plain ? octets - 900 : 1500),
    };
    if (plain) return this.#join(random, i, text);
    const file = { head: fileHead('plan.pdf'), body: this.#some(random, this.#base64, octets - 3000) };
    return this.#join(random, i, multipart(random, 'mixed', [text, file]));
  }

  #join(random: Random, i: number, { head, body }: Part): Buffer {
    return Buffer.concat([Buffer.from(`${headerOf(random, i)}MIME-Version: 1.0\r\n${head}\r\n`), ...body]);
  }

  /** Whole lines from somewhere in the pool, about `octets` of them. */
  #some(random: Random, pool: Buffer, octets: number): readonly Buffer[] {
    const pieces: Buffer[] = [];
    for (let left = octets; left > 0; ) {
      const start = pool.indexOf('\n', random.below(pool.length >> 1)) + 1;
      const end = pool.indexOf('\n', Math.min(start + Math.max(left, 2), pool.length) - 2) + 1;
      pieces.push(pool.subarray(start, end));
      left -= end - start;
    }
    return pieces;
  }
}

function headerOf(random: Random, i: number): string {
  const host = random.one(hosts);
  const date = new Date(firstDayMs + i * minutesApart * 60_000).toUTCString().replace('GMT', '+0000');
  const topic = `${sentence(random, 3 + random.below(5))}${i % 100 === 0 ? ` ${rareSubject}` : ''}`;
  const subject = random.fraction() < 0.12 ? encoded(`Größe: ${topic}`) : topic;
  const reply =
    random.fraction() < 0.35
      ? `In-Reply-To: <${i}.q@${host}>\r\nReferences: <${i}.p@${host}> <${i}.q@${host}>\r\n`
      : '';
  const signature = Buffer.from(Array.from({ length: 96 }, () => random.below(256))).toString('base64');
  return [
    `Received: from out${random.below(9)}.${host} (out.${host} [198.51.100.${random.below(250)}])`,
    `\tby in.bench.test with ESMTPS id ${random.below(2 ** 30).toString(36)}; ${date}`,
    `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=${host}; s=k1;`,
    `\th=from:to:subject:date:message-id; bh=${signature.slice(0, 43)}=;`,
    `\tb=${signature.slice(0, 64)}\r\n\t ${signature.slice(64)}`,
    `Date: ${date}`,
    `From: ${encoded(random.one(people))} <p${random.below(400)}@${host}>`,
    'To: <reader@bench.test>',
    ...(random.fraction() < 0.25
      ? [`Cc: Team ${random.below(30)} <team${random.below(30)}@${host}>, <all@${host}>`]
      : []),
    `Subject: ${subject}`,
    `Message-ID: <${i}.${random.below(2 ** 30)}@${host}>`,
    reply,
  ].join('\r\n');
}

/** Around `middle`, seldom far above it. */
function spread(random: Random, middle: number): number {
  return Math.round(middle * 2 ** (3 * (random.fraction() + random.fraction() - 1)));
}

function sentence(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.one(words)).join(' ');
}

function linesOf(octets: number, line: () => string): Buffer {
  const lines: string[] = [];
  for (let sum = 0; sum < octets; sum += lines.at(-1)?.length ?? 0) lines.push(`${line()}\r\n`);
  return Buffer.from(lines.join(''));
}

function textHead(subtype: string, encoding: string): string {
  return `Content-Type: text/${subtype}; charset=utf-8\r\nContent-Transfer-Encoding: ${encoding}\r\n`;
}

function fileHead(name: string): string {
  const disposition = `Content-Disposition: attachment; filename="${name}"\r\n`;
  return `Content-Type: application/pdf; name="${name}"\r\n${disposition}Content-Transfer-Encoding: base64\r\n`;
}

function multipart(random: Random, subtype: string, parts: readonly Part[]): Part {
  const mark = `part-${random.below(2 ** 30).toString(36)}`;
  const body = parts.flatMap((part) => [Buffer.from(`--${mark}\r\n${part.head}\r\n`), ...part.body]);
  return {
    head: `Content-Type: multipart/${subtype}; boundary="${mark}"\r\n`,
    body: [...body, Buffer.from(`--${mark}--\r\n`)],
  };
}

function encoded(text: string): string {
  return /^[ -~]*$/.test(text) ? text : `=?utf-8?B?${Buffer.from(text).toString('base64')}?=`;
}
