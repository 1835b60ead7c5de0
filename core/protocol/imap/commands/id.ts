/** ID (RFC 2971): who we are, without a version that would help to choose an attack. */
import type { Handler } from '../handler.ts';
import { ok } from '../response/status.ts';

export const id: Handler<'ID'> = {
  state: 'any',
  capabilities: ['ID'],
  run(context) {
    context.out.line('* ID ("name" "Postfold")');
    return ok('Pleased to meet you');
  },
};
