/**
 * A small SMTP server for the relay's tests that misbehaves on demand: it records what it was
 * told and answers as the script says. Listens on 127.0.0.1 and a free port unless told otherwise.
 */
import net from 'node:net';
import tls from 'node:tls';

export interface SinkScript {
  /** Reply to a command line, a greeting ('GREETING'), or the message ('MESSAGE'); undefined = the usual. 'drop' hangs up, 'hang' says nothing. */
  readonly reply?: (what: string) => string | undefined;
  /** EHLO keywords; STARTTLS is offered when `tls` is set. */
  readonly extensions?: readonly string[];
  /** 'broken' offers STARTTLS and fails the handshake. */
  readonly tls?: { readonly key: string; readonly cert: string } | 'broken';
}

export interface Received {
  readonly commands: readonly string[];
  readonly data: string;
  readonly encrypted: boolean;
}

export interface Sink {
  readonly port: number;
  /** Messages that were answered with 2xx. */
  readonly messages: Received[];
  readonly commands: string[];
  connections: number;
  script: SinkScript;
  close(): Promise<void>;
}

export async function openSink(
  script: SinkScript = {},
  { host = '127.0.0.1', port = 0 }: { readonly host?: string; readonly port?: number } = {},
): Promise<Sink> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    sink.connections++;
    socket.on('close', () => sockets.delete(socket));
    serve(socket, sink, true);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const sink: Sink = {
    port: (server.address() as net.AddressInfo).port,
    messages: [],
    commands: [],
    connections: 0,
    script,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return sink;
}

function serve(socket: net.Socket, sink: Sink, greet: boolean): void {
  let buffer = '';
  let data: string | undefined;
  let commands: string[] = [];
  let accepted = 0;
  socket.on('error', () => undefined);
  const say = (what: string, usual: string): string => {
    const text = sink.script.reply?.(what) ?? usual;
    if (text === 'drop') socket.destroy();
    else if (text !== 'hang') socket.write(`${text}\r\n`);
    return text;
  };
  const onData = (chunk: Buffer) => {
    buffer += chunk.toString('latin1');
    for (;;) {
      if (data !== undefined) {
        const end = buffer.startsWith('.\r\n') ? 0 : buffer.indexOf('\r\n.\r\n') + 2;
        if (end === 1) return;
        const text = buffer.slice(0, end);
        buffer = buffer.slice(end + 3);
        data = undefined;
        if (say('MESSAGE', '250 2.0.0 queued').startsWith('2')) {
          const encrypted = socket instanceof tls.TLSSocket;
          sink.messages.push({ commands, data: text.replace(/^\.\./gm, '.'), encrypted });
        }
        commands = [];
        continue;
      }
      const at = buffer.indexOf('\r\n');
      if (at < 0) return;
      const line = buffer.slice(0, at);
      buffer = buffer.slice(at + 2);
      commands.push(line);
      sink.commands.push(line);
      const verb = line.split(/[ :]/, 1)[0];
      if (verb === 'EHLO') {
        const { extensions = ['PIPELINING', '8BITMIME', 'SIZE 1000000'] } = sink.script;
        const offered = [
          ...extensions,
          ...(sink.script.tls && !(socket instanceof tls.TLSSocket) ? ['STARTTLS'] : []),
        ];
        say(
          line,
          ['sink', ...offered].map((word, i) => `250${i === offered.length ? ' ' : '-'}${word}`).join('\r\n'),
        );
      } else if (verb === 'STARTTLS') {
        if (!say(line, '220 go on').startsWith('220')) continue;
        socket.off('data', onData);
        if (sink.script.tls === 'broken') socket.once('data', () => socket.destroy());
        else if (sink.script.tls)
          serve(new tls.TLSSocket(socket, { isServer: true, ...sink.script.tls }), sink, false);
        return;
      } else if (verb === 'RCPT') accepted += say(line, '250 2.1.5 ok').startsWith('2') ? 1 : 0;
      else if (verb === 'DATA') {
        if (say(line, accepted > 0 ? '354 go' : '503 no recipients').startsWith('354')) data = '';
        accepted = 0;
      } else say(line, verb === 'QUIT' ? '221 bye' : verb === 'AUTH' ? '235 2.7.0 welcome' : '250 2.0.0 ok');
    }
  };
  socket.on('data', onData);
  if (greet) say('GREETING', '220 sink ESMTP');
}
