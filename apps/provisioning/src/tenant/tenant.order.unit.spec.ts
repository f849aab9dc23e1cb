import fc from 'fast-check';
import * as given from './tenant.builders';
import type { TenantChange } from './tenant';

fc.configureGlobal({ seed: 1 });

type Message = ReturnType<typeof given.sent>;

/** Three topics that are read in any order, each in its own, and a product that makes and removes a tenant as it is asked to. */
class World {
  change: TenantChange | undefined;
  isThereAtProduct = false;
  readonly published: string[] = [];
  private readonly requestIds = new Set<string>();
  private readonly requests: Message[] = [];
  private readonly waiting: Record<string, Message[]>;

  constructor(events: Message[]) {
    this.waiting = { decisions: [given.sent(given.aRequest({ version: 2 }), given.requestId)], events, replies: [] };
  }

  /** Reads the next message of the topic, or lets the product work off its next request. Nothing happens where nothing is waiting. */
  step(where: string): boolean {
    const next = where === 'product' ? this.requests.shift() : this.waiting[where]!.shift();
    if (!next) return false;
    if (where === 'product') this.work(next);
    else this.read(next);
    return true;
  }

  finish(): void {
    while (['decisions', 'events', 'product', 'replies'].some((where) => this.step(where)));
  }

  get tenant() {
    return this.change?.tenant;
  }

  get orders(): number {
    return this.requestIds.size;
  }

  private read(message: Message): void {
    const outcome = given.decide(this.change, message, given.someTerms());
    if (outcome.kind === 'changed') this.change = outcome.state;
    for (const effect of outcome.effects) {
      if (!('type' in effect)) continue; // reminders only repeat
      this.published.push(effect.type.split('.')[2]!);
      if (!effect.type.includes('request')) continue;
      this.requests.push(given.sent(effect));
      this.requestIds.add((effect.data as { requestId: string }).requestId);
    }
  }

  private work({ type, data }: Message): void {
    const about = { requestId: (data as { requestId: string }).requestId };
    this.isThereAtProduct = type === 'landfall.provisioning.tenant-requested.v1';
    this.waiting['replies']!.push(given.sent(this.isThereAtProduct ? given.readyReply(about) : given.releasedReply(about)));
  }
}

const anyOrder = fc.array(fc.constantFrom('decisions', 'events', 'replies', 'product'), { maxLength: 14 });
const lockEvents = fc.subarray([given.sent(given.suspended(3)), given.sent(given.reinstated(4)), given.sent(given.suspended(5))]);
const end = (stage: 'provisioning' | 'done') => given.sent(given.unsubscribed(6, stage));

function after(order: string[], events: Message[]): World {
  const world = new World([...events]);
  for (const where of order) world.step(where);
  world.finish();
  return world;
}

describe('in whatever order the topics are read and the product answers,', () => {
  it('a subscription that goes on has one tenant, asked for once and announced once, locked as its newest event says (pitfall 28)', () => {
    const goesOn = (order: string[], events: Message[]) => {
      const world = after(order, events);
      expect(world).toMatchObject({ isThereAtProduct: true, orders: 1, tenant: { state: 'ready' } });
      expect(world.published.filter((name) => name === 'tenant-provisioned')).toHaveLength(1);
      expect(world.tenant!.isLocked).toBe(events.at(-1)?.type === 'landfall.subscription.suspended.v1');
    };
    fc.assert(fc.property(anyOrder, lockEvents, goesOn), { numRuns: 1_000 });
  });

  it('a subscription that ended before its tenant was used leaves no tenant behind (rule 3)', () => {
    const ends = (order: string[], events: Message[]) => {
      const world = after(order, [...events, end('provisioning')]);
      expect(world.isThereAtProduct).toBe(false);
      expect(['ended', 'released']).toContain(world.tenant!.state);
      expect(world.published.includes('tenant-taken-back')).toBe(world.tenant!.state === 'released');
    };
    fc.assert(fc.property(anyOrder, lockEvents, ends), { numRuns: 1_000 });
  });
});
