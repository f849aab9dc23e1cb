/** A browser that came from Microsoft with a purchase token. */
export interface Landing {
  readonly purchaseId: string;
  readonly registration: string;
  /** For fulfillment alone; null once it was sent there. */
  readonly encryptedToken: string | null;
  readonly openedAt: string | null;
}
