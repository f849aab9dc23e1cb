/** Injection token: how long the ledger of calls is kept, in milliseconds. */
export const LEDGER_RETENTION_MS = Symbol('LEDGER_RETENTION_MS');
