import { reasonOf, UnitOfWork, type Transaction } from '@landfall/messaging';
import { isRetriable } from '@landfall/service-defaults';
import { BadRequestException, Injectable, UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import { elementsOf } from './raw.json';
import type { Arrival, Identified, Verdict } from './usage';
import { UsageIntake, type Settled } from './usage.intake';
import { countUsage } from './usage.metrics';

export const EVENT_TYPE = 'application/cloudevents+json';
export const BATCH_TYPE = 'application/cloudevents-batch+json';
/** Of a request's body. */
export const BODY_BYTES = 1024 * 1024;
/** Events of a batch. */
export const BATCH_EVENTS = 1_000;

/** Bodies of events reach the handler as their bytes: refused ones are kept as they came, and numbers are read as they are written. */
export function takeEventsAsBytes(fastify: FastifyInstance): void {
  fastify.addContentTypeParser([EVENT_TYPE, BATCH_TYPE], { parseAs: 'buffer', bodyLimit: BODY_BYTES }, (_request, body, done) =>
    done(null, body),
  );
}

/** What became of one event. */
export interface Result {
  readonly verdict: Verdict;
  readonly identified: Identified;
}

/** The way of usage that comes by HTTP. */
@Injectable()
export class UsageRequests {
  constructor(
    private readonly intake: UsageIntake,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /**
   * One result for each event, in their order.
   * @throws BadRequestException where the whole can't be read
   */
  take(body: unknown, contentType = ''): Promise<Result[]> {
    const type = contentType.split(';')[0]!.trim().toLowerCase();
    if (!Buffer.isBuffer(body) || (type !== EVENT_TYPE && type !== BATCH_TYPE))
      throw new UnsupportedMediaTypeException(`The body must be one event as ${EVENT_TYPE}, or a list of them as ${BATCH_TYPE}`);
    return this.settle(type === BATCH_TYPE ? eventsOf(body) : [eventOf(body)]);
  }

  /** As Kafka's batches: what SQL refuses is halved down to the event at fault. */
  private async settle(arrivals: readonly Arrival[]): Promise<Result[]> {
    try {
      return await this.committed(arrivals);
    } catch (error) {
      if (isRetriable(error)) throw error;
      if (arrivals.length === 1) return this.refuse(arrivals[0]!, error);
      const middle = arrivals.length >> 1;
      return [...(await this.settle(arrivals.slice(0, middle))), ...(await this.settle(arrivals.slice(middle)))];
    }
  }

  private refuse(arrival: Arrival, error: unknown): Promise<Result[]> {
    return this.inTransaction((tx) => this.intake.refuse(tx, arrival, reasonOf(error)));
  }

  private committed(arrivals: readonly Arrival[]): Promise<Result[]> {
    return this.inTransaction((tx) => this.intake.settle(tx, arrivals));
  }

  private async inTransaction(work: (tx: Transaction) => Promise<Settled>): Promise<Result[]> {
    const { verdicts, identified, late } = await this.unitOfWork.inTransaction(async (tx, append) => {
      const settled = await work(tx);
      append(settled.effects);
      return settled;
    });
    countUsage(verdicts, late);
    return verdicts.map((verdict, index) => ({ verdict, identified: identified[index]! }));
  }
}

function eventOf(body: Buffer): Arrival {
  parsed(body);
  return { bytes: body };
}

function eventsOf(body: Buffer): Arrival[] {
  if (!Array.isArray(parsed(body))) throw new BadRequestException('The body is no JSON list of events');
  const elements = elementsOf(body.toString('utf8'));
  if (elements.length > BATCH_EVENTS)
    throw new BadRequestException(`The list has ${elements.length} events, at most ${BATCH_EVENTS} are taken`);
  return elements.map((element) => ({ bytes: Buffer.from(element) }));
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(utf8.decode(body));
  } catch {
    throw new BadRequestException('The body is not JSON in UTF-8');
  }
}
