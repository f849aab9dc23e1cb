/** What tools/simulate drives: the consumer, of which it takes the tables of decisions, and what follows when a request's time is up. Nothing else may import from here. */
export { remind } from './reminder/reminder.domain';
export { remindProduct } from './reminder/reminder.job';
export { TenantConsumer } from './tenant/tenant.consumer';
export type { TenantChange, Terms } from './tenant/tenant';
