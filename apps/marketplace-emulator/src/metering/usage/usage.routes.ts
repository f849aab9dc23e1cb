import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { apiErrors } from '../../fulfillment/api.error';
import { parametersOf } from '../../fulfillment/query.parameters';
import { isGuid } from '../../guid';
import { limits } from '../../limits';
import type { UsageMarketplace } from './usage.marketplace';
import type { RefusedUsageLog } from './refused.usage';
import type { UsageChance } from './usage.chance';
import type { MayUse, UsageDecision } from './usage.decision';
import type { UsageOutcome } from './usage.event';
import { isQueryProblem, readUsageQuery } from './usage.query';
import { membersOf } from './usage.reading';
import type { UsageRecords } from './usage.records';
import { acceptedInRest, badUsageInRest, duplicateInRest, resultInRest } from './usage.dto';
import { dayAt } from '../iso.instant';

/** The calls of the metering API, beside the fulfillment API and behind the same gate (contract 6.1). */
export class UsageRoutes {
  constructor(
    private readonly marketplace: Omit<UsageMarketplace, 'catalogue'>,
    private readonly decision: UsageDecision,
    private readonly records: UsageRecords,
    private readonly refused: Pick<RefusedUsageLog, 'record'>,
    private readonly chance: Pick<UsageChance, 'ordered'>,
  ) {}

  register(server: FastifyInstance): void {
    server.post('/usageEvent', async (request, reply) => this.reportOne(request, reply));
    server.post('/batchUsageEvent', async (request, reply) => this.reportMany(request, reply));
    server.get('/usageEvents', async (request, reply) => this.readBack(request, reply));
  }

  private reportOne(request: FastifyRequest, reply: FastifyReply) {
    const { resourceId } = membersOf(request.body);
    if (typeof resourceId === 'string' && isGuid(resourceId)) request.call.subscriptionId = resourceId.toLowerCase();
    const outcome = this.marketplace.atomically(() => this.decide(request.body, request));
    return outcome.status === 'Accepted' ? acceptedInRest(outcome.event, 'Accepted', this.marketplace) : this.answerFailure(outcome, reply);
  }

  /** One transaction: a crash leaves all of a batch or nothing. 200 also when nothing was accepted (contract 6.4). */
  private reportMany(request: FastifyRequest, reply: FastifyReply) {
    const { request: events } = membersOf(request.body);
    if (!Array.isArray(events)) return refuseBatch(reply, 'The request is required: an array of usage events.');
    if (events.length === 0) return refuseBatch(reply, 'The request holds no usage event.');
    if (events.length > limits.batchedUsageEvents) {
      return refuseBatch(reply, `The request holds ${events.length} usage events; ${limits.batchedUsageEvents} are allowed.`);
    }
    const result = this.marketplace.atomically(() =>
      events.map((raw: unknown) => {
        const outcome = this.decide(raw, request);
        return resultInRest(raw, outcome, this.timeOfFailure(outcome), this.marketplace);
      }),
    );
    return { count: result.length, result: this.chance.ordered(result) };
  }

  /** Not paged, as Microsoft's is not; the emulator does not write more than a bound at once (contract 6.5). */
  private readBack(request: FastifyRequest, reply: FastifyReply) {
    const query = readUsageQuery(parametersOf(request), dayAt(this.marketplace.clock.now()));
    if (isQueryProblem(query)) return apiErrors.bad(reply, query.message, 'BadArgument', query.target);
    const records = this.records.list(query, this.mayUse(request), request.fault);
    if (records.length <= limits.usageRecordsPerAnswer) return records;
    const message = `There are ${records.length} records; the emulator tells ${limits.usageRecordsPerAnswer} at once. Ask for fewer days.`;
    return apiErrors.bad(reply, message, 'BadArgument', 'usageStartDate');
  }

  private mayUse({ caller }: FastifyRequest): MayUse {
    return (subscription) => this.marketplace.applications.mayUse(caller, subscription);
  }

  private decide(raw: unknown, request: FastifyRequest): UsageOutcome {
    const outcome = this.decision.decide(raw, this.mayUse(request));
    this.refused.record(raw, outcome, request.call.requestId);
    return outcome;
  }

  private answerFailure(outcome: Exclude<UsageOutcome, { status: 'Accepted' }>, reply: FastifyReply) {
    if (outcome.status === 'Duplicate') return reply.code(409).send(duplicateInRest(outcome.earlier, this.marketplace));
    const { authFailureStyle, inactiveUsageStatus, unknownUsageResource } = this.marketplace.settings.current;
    const [problem] = outcome.problems;
    const forbidden = () =>
      reply
        .code(authFailureStyle === '401-object' ? 401 : 403)
        .send({ message: 'Client is not authorized for this usage resource.', code: 'Forbidden' });
    switch (outcome.status) {
      case 'ResourceNotAuthorized':
        return forbidden();
      case 'ResourceNotActive':
        return inactiveUsageStatus === 403 ? forbidden() : reply.code(400).send(badUsageInRest(outcome.problems));
      case 'ResourceNotFound':
        if (unknownUsageResource === 403) return forbidden();
        return unknownUsageResource === 404 ? reply.code(404).send(problem) : reply.code(400).send(badUsageInRest(outcome.problems));
      case 'Error':
        if (problem.code === 'ServiceUnavailable') return reply.code(503).header('retry-after', '10').send({ error: problem });
        return reply.code(500).send({ error: problem });
      case 'BadArgument':
      case 'Expired':
      case 'InvalidDimension':
      case 'InvalidQuantity':
        return reply.code(400).send(badUsageInRest(outcome.problems));
    }
  }

  /** A duplicate has a real time in the documents as well (contract 6.4). */
  private timeOfFailure({ status }: UsageOutcome): string {
    const { clock, settings } = this.marketplace;
    const isZero = settings.current.failedUsageMessageTime === 'zero' && status !== 'Duplicate';
    return isZero ? '0001-01-01T00:00:00' : clock.timeStamp();
  }
}

function refuseBatch(reply: FastifyReply, message: string): FastifyReply {
  return reply.code(400).send(badUsageInRest([{ message, target: 'Request', code: 'BadArgument' }]));
}
