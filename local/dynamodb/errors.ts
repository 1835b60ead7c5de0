/**
 * The errors of the embedded DynamoDB and their wire form (AWS JSON 1.0). Code deep inside
 * an expression throws one of these; the service turns it into the answer in one place.
 * They are what the caller did wrong, never what went wrong with us.
 */

/** One AWS error: its code, the message in AWS's wording, and members beside the message. */
export class DynamoError extends Error {
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = code;
    this.code = code;
    this.details = details;
  }
}

export function validation(message: string): DynamoError {
  return new DynamoError('ValidationException', message);
}

/** The value was of the right type but one that DynamoDB does not accept. */
export function invalidParameter(message: string): DynamoError {
  return validation(`One or more parameter values were invalid: ${message}`);
}

/** The body is not the JSON that the operation's shape asks for. */
export function serialization(message: string): DynamoError {
  return new DynamoError('SerializationException', message);
}

export function resourceNotFound(message = 'Requested resource not found'): DynamoError {
  return new DynamoError('ResourceNotFoundException', message);
}

/** `item` is the stored item when the request asked for it (ALL_OLD), as JSON text. */
export function conditionFailed(item?: unknown): DynamoError {
  return new DynamoError(
    'ConditionalCheckFailedException',
    'The conditional request failed',
    item === undefined ? {} : { Item: item },
  );
}

const NAMESPACES: Readonly<Record<string, string>> = {
  ValidationException: 'com.amazon.coral.validate#',
  SerializationException: 'com.amazon.coral.service#',
  UnknownOperationException: 'com.amazon.coral.service#',
};

/** The JSON body of an error answer. */
export function errorBody(error: DynamoError): string {
  const namespace = NAMESPACES[error.code] ?? 'com.amazonaws.dynamodb.v20120810#';
  const messageName = error.code === 'TransactionCanceledException' ? 'Message' : 'message';
  return JSON.stringify({
    __type: namespace + error.code,
    [messageName]: error.message,
    ...error.details,
  });
}
