/**
 * Splits the text of an expression into tokens. Every kind of expression (condition,
 * filter, key condition, update, projection) shares these tokens and this cursor.
 *
 *   name        = letter *( letter / digit / "_" )
 *   placeholder = ( "#" / ":" ) 1*( letter / digit / "_" )
 */
import { type DynamoError, validation } from '../errors.ts';

export const MAX_EXPRESSION_BYTES = 4096;

export type TokenKind = 'name' | 'attributeName' | 'attributeValue' | 'number' | 'symbol' | 'end';

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** What the expression is called in the request, as AWS's messages cite it. */
export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'UpdateExpression'
  | 'ProjectionExpression';

const TOKEN =
  /\s*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>(),.[\]+-]))/y;

/** The tokens of one expression and a position among them. */
export class TokenCursor {
  readonly kind: ExpressionKind;
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(kind: ExpressionKind, text: string) {
    this.kind = kind;
    this.#text = text;
    this.#tokens = this.#tokenise();
  }

  /** The token `ahead` of the next one, without taking it. */
  peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)];
    if (token === undefined) throw this.error('The expression can not be empty;');
    return token;
  }

  take(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#at += 1;
    return token;
  }

  /** Takes the next token if it is this symbol. */
  takeSymbol(text: string): boolean {
    const token = this.peek();
    if (token.kind !== 'symbol' || token.text !== text) return false;
    this.take();
    return true;
  }

  /** Takes the next token if it is this keyword, in any case. */
  takeKeyword(upper: string): boolean {
    if (!this.isKeyword(upper)) return false;
    this.take();
    return true;
  }

  isKeyword(upper: string): boolean {
    const token = this.peek();
    return token.kind === 'name' && token.text.toUpperCase() === upper;
  }

  expectSymbol(text: string): void {
    if (!this.takeSymbol(text)) throw this.syntaxError();
  }

  /** The next token is not one that may stand there. */
  syntaxError(): DynamoError {
    const token = this.peek();
    const before = this.#tokens[this.#at - 1];
    const after = this.#tokens[this.#at + 1];
    const near = this.#text.slice(before?.start ?? token.start, after?.end ?? token.end).trim();
    const shown = token.kind === 'end' ? '<EOF>' : token.text;
    return this.error(`Syntax error; token: "${shown}", near: "${near}"`);
  }

  error(problem: string): DynamoError {
    return validation(`Invalid ${this.kind}: ${problem}`);
  }

  #tokenise(): Token[] {
    const bytes = Buffer.byteLength(this.#text);
    if (bytes > MAX_EXPRESSION_BYTES) {
      throw this.error(
        `Expression size has exceeded the maximum allowed size; expression size: ${String(bytes)}`,
      );
    }
    if (this.#text.trim() === '') throw this.error('The expression can not be empty;');
    const tokens: Token[] = [];
    let at = 0;
    const end = this.#text.trimEnd().length;
    while (at < end) {
      const token = this.#tokenAt(at);
      tokens.push(token);
      at = token.end;
    }
    tokens.push({ kind: 'end', text: '', start: end, end });
    return tokens;
  }

  #tokenAt(at: number): Token {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(this.#text);
    if (match === null) {
      const rest = this.#text.slice(at).trimStart();
      throw this.error(`Syntax error; token: "${rest.slice(0, 1)}", near: "${rest.slice(0, 10)}"`);
    }
    const [, name, attributeName, attributeValue, number, symbol] = match;
    const text = name ?? attributeName ?? attributeValue ?? number ?? symbol ?? '';
    const kind: TokenKind =
      name !== undefined
        ? 'name'
        : attributeName !== undefined
          ? 'attributeName'
          : attributeValue !== undefined
            ? 'attributeValue'
            : number !== undefined
              ? 'number'
              : 'symbol';
    return { kind, text, start: TOKEN.lastIndex - text.length, end: TOKEN.lastIndex };
  }
}
