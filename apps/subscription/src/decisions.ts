/** What tools/simulate drives: the consumer, of which it takes the tables of decisions, and the record that they are about. Nothing else may import from here. */
export { SubscriptionConsumer } from './subscription.consumer';
export { unchanged, type Subscription, type SubscriptionChange } from './subscription/subscription';
