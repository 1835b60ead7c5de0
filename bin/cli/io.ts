/** Where the command line reads and writes; a test hands in its own. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';

export interface Io {
  out(text: string): void;
  err(text: string): void;
  /** The first line of standard input, without its end; undefined when there is none. */
  firstLine(): Promise<string | undefined>;
  /** Asks a person without showing what is typed; undefined where nobody sits. */
  askHidden(question: string): Promise<string | undefined>;
  exitCode(code: number): void;
}

/** Octets of a line of standard input that are looked at. */
const maxLineOctets = 64 * 1024;

export const processIo: Io = {
  out: (text) => void process.stdout.write(`${text}\n`),
  err: (text) => void process.stderr.write(`${text}\n`),
  firstLine: async () => {
    let text = '';
    for await (const chunk of process.stdin.setEncoding('utf8')) {
      text += chunk;
      if (text.includes('\n') || text.length > maxLineOctets) break;
    }
    return text === '' ? undefined : (text.split(/\r?\n/)[0] ?? '');
  },
  askHidden: async (question) => {
    if (!process.stdin.isTTY) return undefined;
    process.stderr.write(question);
    const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
    const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
    try {
      return await lines.question('');
    } finally {
      lines.close();
      process.stderr.write('\n');
    }
  },
  exitCode: (code) => {
    process.exitCode = code;
  },
};
