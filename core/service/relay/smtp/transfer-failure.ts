/** A session with a remote server that broke off without a reply that says why. */
import type { TransferTrouble } from '../../../mail/transfer/outcome.ts';

export class TransferFailure extends Error {
  override readonly name = 'TransferFailure';
  readonly trouble: TransferTrouble;
  /** The whole message had gone out: nobody knows whether it arrived (RFC 5321 4.5.3.2.6). */
  readonly afterDot: boolean;

  constructor(
    trouble: TransferTrouble,
    message: string,
    options: ErrorOptions & { readonly afterDot?: boolean } = {},
  ) {
    super(message, options);
    this.trouble = trouble;
    this.afterDot = options.afterDot ?? false;
  }
}
