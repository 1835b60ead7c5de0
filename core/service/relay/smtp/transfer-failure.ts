/** A session with a remote server that broke off without a reply that says why. */
import type { TransferTrouble } from '../../../mail/transfer/outcome.ts';

export class TransferFailure extends Error {
  override readonly name = 'TransferFailure';
  readonly trouble: TransferTrouble;

  constructor(trouble: TransferTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
  }
}
