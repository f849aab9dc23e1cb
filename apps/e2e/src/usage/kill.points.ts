import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const relay = { module: 'messaging/dist/outbox/topic.sender.js', class: 'TopicSenders', method: 'send' } as const;
const batches = { module: 'messaging/dist/consumer/batch.processor.js', class: 'BatchProcessor', method: 'commit' } as const;
const metering = 'fulfillment/dist/metering';

/** The worst moments on the way of usage from its record to the stored answer, in their order: what is committed there is not known to whoever comes next. */
const points = {
  'record taken': { module: 'messaging/dist/consumer/record.processor.js', class: 'RecordProcessor', method: 'commit', when: 'after' },
  'bucket counted': { ...relay, when: 'before', matching: 'billing.usage-counted' }, // a ledger that is looked at for another reason is counted as well
  'hour handed over': { ...relay, when: 'before', matching: 'fulfillment.report-usage' },
  'batch taken by fulfillment': { ...batches, when: 'after', matching: 'fulfillment.report-usage' },
  'attempt written down': {
    module: `${metering}/report/batch.repository.js`,
    class: 'BatchRepository',
    method: 'writeDown',
    when: 'after',
  },
  'call made': { module: `${metering}/metering.client.js`, class: 'MeteringClient', method: 'report', when: 'after' },
  'answer stored': { ...relay, when: 'before', matching: 'fulfillment.usage-answered' },
  'answer published': { ...relay, when: 'after', matching: 'fulfillment.usage-answered' },
  'answer taken by billing': { ...batches, when: 'after', matching: 'fulfillment.usage-answered' },
} as const;

export type KillPoint = keyof typeof points;
export const killPoints = Object.keys(points) as KillPoint[];

/** Lets the service that comes to a point first die there, once. */
export class KillPoints {
  private readonly file: string;

  constructor(dir: string) {
    this.file = join(dir, 'kill-points.json');
    writeFileSync(this.file, JSON.stringify(Object.entries(points).map(([name, point]) => ({ name, ...point }))));
  }

  /** What the services of a system have to be started with. */
  get settings(): Record<string, string> {
    return { KILL_POINTS_FILE: this.file };
  }

  arm(name: KillPoint): void {
    rmSync(`${this.file}.reached`, { force: true });
    writeFileSync(`${this.file}.armed`, name);
  }

  /** Whether somebody has died there since it was armed. */
  get isReached(): boolean {
    return existsSync(`${this.file}.reached`);
  }
}
