/** Who does something, and why: both are kept for ever. */
export interface OperatorAct {
  /** The object id of the operator. */
  readonly actor: string;
  /** For the record; 1 to 500 characters, without personal data. */
  readonly reason: string;
  /** An act that is sent again under the same key is done once, and has the same answer. */
  readonly idempotencyKey: string;
  readonly correlationId: string;
}
