import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ReadView } from '../faults/past';
import { isGuid } from '../guid';
import { acknowledgeable, type Operation } from '../operation/operation';
import type { Settlement } from '../operation/settlement';
import type { SettingsRepository } from '../settings/settings.repository';
import type { Subscription } from '../subscription/subscription';
import type { ApiAnswers } from './api.answers';
import { apiErrors } from './api.error';

type SubscriptionRequest = FastifyRequest<{ Params: { subscriptionId: string } }>;
type OperationRequest = FastifyRequest<{ Params: { subscriptionId: string; operationId: string } }>;

/** The operation calls of the fulfillment API (contract 3.10). */
export class OperationRoutes {
  constructor(
    private readonly current: ReadView,
    private readonly settings: SettingsRepository,
    private readonly settlement: Settlement,
    private readonly answers: ApiAnswers,
  ) {}

  register(server: FastifyInstance): void {
    server.get('/saas/subscriptions/:subscriptionId/operations', async (request: SubscriptionRequest, reply) => this.list(request, reply));
    server.get('/saas/subscriptions/:subscriptionId/operations/:operationId', async (request: OperationRequest, reply) =>
      this.get(request, reply),
    );
    server.patch('/saas/subscriptions/:subscriptionId/operations/:operationId', async (request: OperationRequest, reply) =>
      this.patch(request, reply),
    );
  }

  /** What waits for the publisher. An unknown subscription has nothing waiting: 200 was seen live where 404 is documented. */
  private list(request: SubscriptionRequest, reply: FastifyReply) {
    const { settings } = this;
    request.call.subscriptionId = request.params.subscriptionId.toLowerCase();
    const { subscriptions, operations } = request.staleView ?? this.current;
    const subscription = subscriptions.get(request.params.subscriptionId);
    if (!subscription) return this.listOfUnknown(request, reply);
    const waiting = operations
      .ofSubscription(subscription.id)
      .filter((operation) => operation.status === 'InProgress' && acknowledgeable.has(operation.action));
    if (waiting.length === 0 && settings.current.emptyAnswer !== 'empty-list') return {};
    return { operations: waiting.map((operation) => this.answers.operation(operation, subscription)) };
  }

  private get(request: OperationRequest, reply: FastifyReply) {
    const found = this.find(request);
    return found ? this.answers.operation(found.operation, found.subscription) : this.unknown(reply);
  }

  private patch(request: OperationRequest, reply: FastifyReply) {
    const found = this.find(request);
    if (!found) return this.unknown(reply);
    if (found.operation.requestSource === 'Partner' && this.settings.current.partnerOperationPatchStatus === 500)
      return reply.code(500).send({ error: { code: 'UnexpectedError', message: 'Something went wrong.' } });
    const body = typeof request.body === 'object' && request.body !== null ? request.body : {};
    const status = 'status' in body ? body.status : undefined;
    if (typeof status !== 'string') return apiErrors.bad(reply, 'status must be Success or Failure.', 'BadArgument', 'status');
    switch (this.settlement.acknowledge(found.operation, status)) {
      case 'recorded':
        return reply.code(200).send();
      case 'not-started':
        return apiErrors.bad(reply, 'The operation has not started yet.');
      case 'settled':
        return apiErrors.conflict(reply, 'The operation is not open any more; a newer update has been fulfilled.');
    }
  }

  private find(request: OperationRequest): { operation: Operation; subscription: Subscription } | undefined {
    const { subscriptionId, operationId } = request.params;
    request.call.subscriptionId = subscriptionId.toLowerCase();
    request.call.operationId = operationId.toLowerCase();
    const { subscriptions, operations } = request.staleView ?? this.current;
    const [subscription, operation] = [subscriptions.get(subscriptionId), operations.get(operationId)];
    return subscription && operation?.subscriptionId === subscription.id ? { operation, subscription } : undefined;
  }

  private listOfUnknown({ params }: SubscriptionRequest, reply: FastifyReply) {
    const { malformedIdStatus, unknownSubscriptionOperationsStatus, emptyAnswer } = this.settings.current;
    if (malformedIdStatus === 400 && !isGuid(params.subscriptionId)) return apiErrors.malformedId(reply);
    if (unknownSubscriptionOperationsStatus === 404) return apiErrors.notFound(reply);
    return emptyAnswer === 'empty-list' ? { operations: [] } : {};
  }

  private unknown(reply: FastifyReply) {
    if (this.settings.current.unknownOperationStatus === 404) return apiErrors.notFound(reply);
    return apiErrors.bad(reply, 'The operation does not exist.');
  }
}
