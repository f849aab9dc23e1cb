/** What tools/simulate drives: the consumer, of which it takes the tables of decisions, the veto, and the record that they are about. Nothing else may import from here. */
export { SubscriptionConsumer } from './subscription.consumer';
export { decideByProduct, questionOf, type ProductsWord } from './veto/veto.domain';
export { askProduct } from './veto/veto.job';
export { vetoLimits } from './veto/veto.limits';
export { unchanged, type Subscription, type SubscriptionChange } from './subscription/subscription';
