/** A message of the outbox that is to be published. */
export interface PendingMessage {
  readonly partition: number;
  readonly topic: string;
  readonly id: string;
  readonly key: string;
  readonly messageId: string;
  readonly envelope: string;
}
