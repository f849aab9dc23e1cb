/** Which subscription Microsoft is asked about. */
export interface Subject {
  readonly subscriptionId: string;
  /** To whose address the webhook came that leads to the question; absent where another service asks. */
  readonly registration?: string;
}
