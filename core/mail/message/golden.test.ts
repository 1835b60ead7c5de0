// Golden files: testdata/<name>.eml and what its index must be, testdata/<name>.txt.
// UPDATE_GOLDEN=1 writes the expected files anew; read the difference before committing it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { indexMessage } from './index-message.ts';
import { encodeParts } from './parts-codec.ts';
import type { MessageIndex, PartNode } from './types.ts';

const FOLDER = new URL('testdata/', import.meta.url);

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.eml'))) {
  test(`golden: ${file}`, () => {
    const message = readFileSync(new URL(file, FOLDER));
    const actual = render(indexMessage(message), message);
    const expected = new URL(file.replace('.eml', '.txt'), FOLDER);
    if (process.env.UPDATE_GOLDEN === '1') writeFileSync(expected, actual);
    assert.equal(actual, readFileSync(expected, 'utf8'));
  });
}

function render(index: MessageIndex, message: Buffer): string {
  const { parts, envelope, body, bodyStructure, attachments, ...rest } = index;
  const lines = [
    `ENVELOPE ${envelope}`,
    `BODY ${body}`,
    `BODYSTRUCTURE ${bodyStructure}`,
    `stored ${encodeParts(parts)}`,
    ...attachments.map((attachment) => `attachment ${JSON.stringify(attachment)}`),
    ...Object.entries(rest).map(([name, value]) => `${name} ${JSON.stringify(value)}`),
    ...renderParts(parts, message),
  ];
  return `${lines.join('\n')}\n`;
}

function renderParts(part: PartNode, message: Buffer): readonly string[] {
  const start = JSON.stringify(
    message.toString('latin1', part.bodyStart, Math.min(part.bodyEnd, part.bodyStart + 40)),
  );
  const own = `part ${part.path} ${part.headerStart}-${part.bodyStart}-${part.bodyEnd} lines ${part.lines} ${start}`;
  return [own, ...part.children.flatMap((child) => renderParts(child, message))];
}
