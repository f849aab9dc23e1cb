import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { eventually } from '../eventually';
import type { SystemUnderTest } from '../system';
import type { TopicReader } from '../topic.reader';

/** What regressions do to a running system and look at in it. */
export class HurtSystem {
  constructor(private readonly landfall: SystemUnderTest) {}

  /** Process ids by copy. */
  pids(): Record<string, number> {
    return Object.fromEntries(this.landfall.system.run.services.map(({ name, pid }) => [name, pid]));
  }

  /** Everything that the services and the runner said. */
  log(): string {
    return readFileSync(this.landfall.fileOf('logs/system.log'), 'utf8');
  }

  /** What a service says of itself; undefined where it does not answer, which a frozen one does not. */
  async health(copy: string, question: 'live' | 'ready'): Promise<number | undefined> {
    const { managementUrl } = this.landfall.system.run.services.find(({ name }) => name === copy)!;
    const answer = await fetch(`${managementUrl}/health/${question}`, { signal: AbortSignal.timeout(15_000) }).catch(() => undefined); // no answer is told as such
    return answer?.status;
  }

  async metrics(copy: string): Promise<string> {
    const { managementUrl } = this.landfall.system.run.services.find(({ name }) => name === copy)!;
    return (await fetch(`${managementUrl}/metrics`)).text();
  }

  /** The database as its administrator, who may change roles and end sessions. */
  async asAdministrator<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const client = new Client({ connectionString: this.landfall.administratorUrl() });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  /** A change at Microsoft reaches the record and the public topic: the whole system works. */
  async works(subscriptionId: string, quantity: number, topics: TopicReader = this.landfall.topics): Promise<void> {
    await this.landfall.microsoft.act(subscriptionId, 'change-quantity', { quantity });
    await eventually(async () => expect(await this.landfall.record(subscriptionId)).toMatchObject({ quantity }));
    await eventually(() =>
      expect(topics.events(subscriptionId).at(-1)?.data).toMatchObject({ current: expect.objectContaining({ quantity }) }),
    );
  }
}
