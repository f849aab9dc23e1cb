/** A browser that came from Microsoft with a purchase token, and for which nobody has signed in yet. */
export interface Landing {
  readonly purchaseId: string;
  readonly registration: string;
  /** For fulfillment alone. */
  readonly encryptedToken: string;
}
