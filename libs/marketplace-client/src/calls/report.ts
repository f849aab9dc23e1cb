/** A ledger that fails must not turn an activation that happened into one that did not. */
export function report<T>(name: string, listener: ((told: T) => void) | undefined, told: T): void {
  try {
    listener?.(told);
  } catch (error) {
    process.emitWarning(`${name} of MarketplaceClient failed: ${error instanceof Error ? error.message : String(error)}`);
  }
}
