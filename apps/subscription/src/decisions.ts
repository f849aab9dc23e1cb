/** What tools/simulate drives: the consumer, of which it takes the tables of decisions, the veto, what operators decide, and the record that they are about. Nothing else may import from here. */
export { approvePurchase, rejectPurchase } from './purchase/approval.domain';
export { requestChange, type RequestedBy } from './request/request.domain';
export type { ChangeRequest, Requested } from './request/request';
export { SubscriptionConsumer } from './subscription.consumer';
export { ASK_AGAIN, decideByProduct, questionOf, type ProductsWord } from './veto/veto.domain';
export { askProduct } from './veto/veto.job';
export { vetoLimits } from './veto/veto.limits';
export { unchanged, type Subscription, type SubscriptionChange } from './subscription/subscription';
