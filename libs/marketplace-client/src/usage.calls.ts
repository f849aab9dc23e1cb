import type { Dated, TakesUsage, UsageAnswer, UsageEvent, UsageEventResult, UsageRow } from './answers/answer.types';
import { decode } from './answers/decode';
import { itemsOf } from './answers/json.items';
import { conflictingUsage, usageAnswer, usageRowOf } from './answers/usage.decode';
import { NotTaken, type ApiAnswer, type ApiCall, type ApiCalls } from './calls/api.calls';
import { CONNECTION } from './calls/breakers';
import { failureOf } from './calls/failures';
import type { ServiceAddress } from './http/address';
import { MarketplaceAnswerUnreadable, MarketplaceError, MarketplaceRejected } from './marketplace.errors';
import { API_VERSION, MAX_USAGE_EVENTS, MAX_USAGE_ROWS, USAGE_LIST_TIMEOUT_MS, USAGE_ROWS_AT_ONCE } from './marketplace.limits';
import type { CallContext } from './marketplace.options';

/** The calls of metered billing (contract 6): beside the fulfillment API, and at another address where one is given. */
export class UsageCalls {
  private readonly way: string;

  constructor(
    private readonly calls: Pick<ApiCalls, 'perform'>,
    private readonly address: ServiceAddress,
    api: ServiceAddress,
  ) {
    this.way = address.origin === api.origin ? CONNECTION : `${CONNECTION} for usage`;
  }

  async report(events: readonly UsageEvent[], context: CallContext): Promise<Dated<UsageAnswer>> {
    const answer = await this.call('/batchUsageEvent', context, { method: 'POST', jsonText: bodyOf(events), answeredBy: 409 });
    const { date } = answer;
    if (answer.status !== 409) return { ...decode(usageAnswer, answer.body, answer.details), date };
    const [only] = events;
    const stored = events.length === 1 ? decode(conflictingUsage, answer.body, answer.details) : null;
    if (!only || !stored) throw failureOf(409, answer.details, false);
    return { results: [{ ...duplicate, ...repeatedOf(only), stored }], unreadable: 0, date };
  }

  async list(day: string, context: CallContext, begin: () => TakesUsage): Promise<Dated<object>> {
    const { date } = await this.call('/usageEvents', context, {
      ...{ method: 'GET', query: { usageStartDate: day, UsageEndDate: day }, timeoutMs: USAGE_LIST_TIMEOUT_MS },
      take: async (pieces, details) => {
        const take = begin();
        let [rows, count]: [UsageRow[], number] = [[], 0];
        for await (const item of itemsOf(pieces, details)) {
          const row = usageRowOf(item, day, details);
          if (!row) continue;
          rows.push(row);
          count += 1;
          if (count > MAX_USAGE_ROWS) throw new MarketplaceAnswerUnreadable('(body)', `has more than ${MAX_USAGE_ROWS} rows`, details);
          if (rows.length < USAGE_ROWS_AT_ONCE) continue;
          await taken(take, rows);
          rows = [];
        }
        if (rows.length > 0) await taken(take, rows);
      },
    });
    return { date };
  }

  private call(
    route: string,
    context: CallContext,
    { query, ...settings }: Pick<ApiCall, 'method' | 'jsonText' | 'answeredBy' | 'take' | 'timeoutMs'> & { query?: Record<string, string> },
  ): Promise<ApiAnswer> {
    const { origin, path } = this.address;
    const search = new URLSearchParams({ ...query, 'api-version': API_VERSION });
    const same = { route, origin, path: `${path}${route}?${search}`, purpose: 'metering', way: this.way } as const;
    return this.calls.perform({ ...same, isRepeatable: true, readsBody: true, ...settings }, context); // a key is accepted once (contract 6.3)
  }
}

async function taken(take: TakesUsage, rows: readonly UsageRow[]): Promise<void> {
  try {
    await take(rows);
  } catch (error) {
    throw error instanceof MarketplaceError ? error : new NotTaken(error);
  }
}

const duplicate = { status: 'Duplicate', usageEventId: null, messageTime: null, code: 'Conflict', message: null } as const;

const repeatedOf = ({
  subscriptionId,
  dimension,
  planId,
  effectiveStartTime,
}: UsageEvent): Omit<UsageEventResult, keyof typeof duplicate | 'stored'> => ({
  ...{ subscriptionId, dimension, planId, effectiveStartTime },
});

/** By hand, so that no digit passes through a double. The same events are the same bytes. */
function bodyOf(events: readonly UsageEvent[]): string {
  if (events.length < 1 || events.length > MAX_USAGE_EVENTS) {
    throw new MarketplaceRejected(`A batch has 1 to ${MAX_USAGE_EVENTS} usage events, and not ${events.length}; nothing was sent`);
  }
  return `{"request":[${events.map(eventJson).join(',')}]}`;
}

function eventJson({ subscriptionId, quantity, dimension, effectiveStartTime, planId }: UsageEvent): string {
  const began = new Date(effectiveStartTime);
  const number = /^(-?)(\d+(?:\.\d+)?)$/.exec(quantity);
  if (!number || Number.isNaN(began.getTime())) {
    throw new MarketplaceRejected('A usage event needs a decimal number as quantity, and an instant at which it began; nothing was sent');
  }
  const json = (text: string) => JSON.stringify(text);
  const members = [
    ['resourceId', json(subscriptionId)],
    ['quantity', `${number[1]}${number[2]!.replace(/^0+(?=\d)/, '')}`],
    ['dimension', json(dimension)],
    ['effectiveStartTime', json(began.toISOString())], // with its Z: Microsoft's own sample has no zone (contract 6.2)
    ['planId', json(planId)],
  ];
  return `{${members.map(([name, value]) => `"${name}":${value}`).join(',')}}`;
}
