export { MarketplaceClient } from './marketplace.client';
export { callPurposes, linkKinds } from './marketplace.options';
export type {
  BreakerChange,
  CallContext,
  CallPurpose,
  CallRecord,
  MarketplaceClientOptions,
  PublisherCredential,
  RefusedLink,
} from './marketplace.options';
export type { BreakerState } from './calls/breakers';
export type { BudgetState } from './calls/resilience';
export * from './marketplace.errors';
export { plainDecimal } from './answers/lenient';
export { MAX_PURCHASE_TOKEN_CHARS, MAX_USAGE_EVENTS } from './marketplace.limits';
export { usageStatuses } from './answers/answer.types';
export type * from './answers/answer.types';
export type { TokenClaims } from './tokens/token.claims';
