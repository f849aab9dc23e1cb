/**
 * Of every job that asks Microsoft: mostly waiting, so many run at once; and taken over soon after a crash, since a customer or Microsoft's
 * ten seconds may be waiting (contract 4.5).
 */
export const microsoftJobLimits = { concurrency: 48, leaseMs: 6_000 };
