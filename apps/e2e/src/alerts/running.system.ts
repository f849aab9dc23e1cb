import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, landfallDir, serviceNames, startSystem, type Page, type System } from '@landfall/local';
import { Kafka, logLevel } from 'kafkajs';
import { Client } from 'pg';
import { eventually } from '../eventually';
import { startExampleProduct, type ExampleProduct } from '../example-product';
import { Microsoft } from '../microsoft';
import { Operator } from '../storm/acts/operator';
import { arrive, confirm, untilForm } from '../storm/purchases';

/** What is sold with an operator's approval; the built-in offer needs none. */
const reviewedOffer = 'contoso-reviewed';
const actLimitMs = 60_000;
const reason = 'It was broken on purpose, to see its alert.';

/** The times that belong to the divided ones of the alerts: a sweep each 5 s where one in 15 minutes is usual, and so on. */
const settings = {
  PROVISIONING_ADAPTER: 'kafka',
  PROVISIONING_REPLY_TIMEOUT: 'PT1S',
  PROVISIONING_REPLY_TIMEOUT_MAX: 'PT4S',
  PROVISIONING_LIMIT: 'PT45S',
  RECONCILE_INTERVAL: 'PT5S',
  DEADLINE_INTERVAL: 'PT2S',
  COPY_LAG: 'PT3S',
};

/** A whole system of its own with a customer's, an operator's, Microsoft's, a product's and an administrator's hands on it. */
export class RunningSystem {
  private constructor(
    readonly dir: string,
    readonly system: System,
    /** Of the services: what is changed here holds from the next start of a service on. */
    readonly env: Record<string, string | undefined>,
    readonly microsoft: Microsoft,
    readonly product: ExampleProduct,
    private readonly operators: ReadonlyMap<string, Operator>,
  ) {}

  static async start(stop: AbortSignal): Promise<RunningSystem> {
    mkdirSync(landfallDir, { recursive: true });
    const dir = mkdtempSync(join(landfallDir, 'alerts-'));
    writeFileSync(join(dir, 'catalog.yaml'), JSON.stringify(catalogWith({})));
    const env = { ...process.env, ...settings };
    const system = await startSystem({ dir, ports: 'free', env, signal: stop });
    try {
      const microsoft = new Microsoft(system.run.emulator!.controlUrl);
      await microsoft.offer(reviewedOffer, { publisherId: 'contoso', displayName: 'Reviewed', plans: [{ planId: 'silver', seats: {} }] });
      const product = await startExampleProduct(system.kafkaLogin('product'));
      const operators = new Map(serviceNames.map((name) => [name, new Operator(system, stop, name)]));
      return new RunningSystem(dir, system, env, microsoft, product, operators);
    } catch (error) {
      await system.stop();
      throw error;
    }
  }

  /** @param isKept whether data and logs stay, for whoever looks why something was not so */
  async stop(isKept: boolean): Promise<void> {
    await this.product.stop().catch(() => undefined); // it may have been cut off from the broker
    await this.system.stop();
    if (!isKept) rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A customer of their own buys and comes to the landing page, which looks the purchase up. */
  async arrive(order: Record<string, unknown> = {}): Promise<{ subscriptionId: string; goOn(): Promise<void> }> {
    const emailId = `customer-${randomUUID().slice(0, 8)}@alerts.example`;
    const beneficiary = { objectId: randomUUID(), tenantId: randomUUID(), emailId, displayName: 'A customer' };
    const bought = await this.microsoft.sell({ planId: 'silver', quantity: 5, beneficiary, purchaser: beneficiary, ...order });
    const goOn = async ({ browser, arrived }: { browser: Browser; arrived: Page }) => {
      await untilForm(browser, arrived);
      await confirm(browser, arrived, { name: 'A customer', email: emailId });
    };
    const there = await eventually(() => arrive(bought.landingUrl, emailId));
    return { subscriptionId: bought.subscriptionId, goOn: () => goOn(there) };
  }

  /** The same, who has confirmed. */
  async confirmed(order: Record<string, unknown> = {}): Promise<string> {
    const { subscriptionId, goOn } = await this.arrive(order);
    await goOn();
    return subscriptionId;
  }

  /** Confirmed and set up. */
  async active(order: Record<string, unknown> = {}): Promise<string> {
    const subscriptionId = await this.confirmed(order);
    await this.untilRecord(subscriptionId, ({ access }) => access === 'full');
    return subscriptionId;
  }

  get reviewed(): { offerId: string } {
    return { offerId: reviewedOffer };
  }

  async untilRecord(subscriptionId: string, check: (record: Record<string, unknown>) => boolean): Promise<void> {
    await eventually(async () => {
      const record = await this.operatorOf('subscription').record(subscriptionId, actLimitMs);
      if (!record || !check(record)) throw new Error(`the record of ${subscriptionId} is ${JSON.stringify(record)}`);
    });
  }

  /** A service that was started again shows nothing at first; its alert would end by that alone. */
  async untilMetric(service: string, name: string, check: (value: number) => boolean): Promise<void> {
    const { managementUrl } = this.system.run.services.find((one) => one.name === service)!;
    await eventually(async () => {
      const text = await (await fetch(`${managementUrl}/metrics`)).text();
      const [, value] = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text) ?? [];
      if (value === undefined || !check(Number(value))) throw new Error(`${name} of ${service} is ${value}`);
    });
  }

  private operatorOf(service: string): Operator {
    const operator = this.operators.get(service);
    if (!operator) throw new Error(`No service is called ${service}: there are ${serviceNames.join(', ')}`);
    return operator;
  }

  /** An act of an operator; it is answered 2xx, or the fault cannot be made or mended. */
  async act(service: string, path: string, body: Record<string, unknown> = {}): Promise<void> {
    const answer = await this.operatorOf(service).act(path, { reason, ...body }, actLimitMs);
    if (answer.status >= 300) throw new Error(`${path} of ${service} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  }

  /** Does the act for each of a list of entries of a service, dead letters or jobs, as soon as there is one. */
  async actOnAll(service: string, list: 'dead-letters' | 'jobs', act: 'retry' | 'discard'): Promise<void> {
    const items = await eventually(async () => {
      const page = (await this.operatorOf(service).read(`/${list}`, actLimitMs)) as { items: { id: string }[] } | undefined;
      if (!page?.items.length) throw new Error(`${service} has nothing at /${list}`);
      return page.items;
    });
    for (const { id } of items) await this.act(service, `/${list}/${id}/${act}`);
  }

  /** As the owner of the tables. */
  async sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: this.system.run.databaseUrl });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** Makes each statement of this kind on a table fail until `allow`, for the rows that a condition names. */
  async refuse(table: string, statement: 'insert' | 'update' | 'insert or update', condition = 'true'): Promise<void> {
    const name = `${table.replace('.', '_')}_refused`;
    await this.sql(
      `create function public.${name}() returns trigger language plpgsql as $$ begin raise exception 'refused on purpose'; end $$;
       grant execute on function public.${name}() to public;
       create trigger ${name} before ${statement} on ${table} for each row when (${condition}) execute function public.${name}()`,
    );
  }

  async allow(table: string): Promise<void> {
    const name = `${table.replace('.', '_')}_refused`;
    await this.sql(`drop trigger ${name} on ${table}; drop function public.${name}()`);
  }

  /** Somebody writes to a topic what no contract allows. */
  async writeUnreadable(topic: string): Promise<void> {
    const producer = new Kafka({ ...this.system.kafkaLogin('product'), clientId: 'broken', logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    try {
      await producer.send({ topic, messages: [{ key: randomUUID(), value: 'no message' }] });
    } finally {
      await producer.disconnect();
    }
  }

  /** Writes the catalog that all read, with further offers of the publisher contoso. */
  writeCatalog(offers: Record<string, unknown>): void {
    this.writeCatalogText(JSON.stringify(catalogWith(offers)));
  }

  writeCatalogText(text: string): void {
    writeFileSync(join(this.dir, 'catalog.yaml'), text);
  }

  /** Writes another catalog beside it, and tells where. */
  otherCatalog(): string {
    const file = join(this.dir, 'other.yaml');
    writeFileSync(file, `# not the same file\n${readFileSync(join(this.dir, 'catalog.yaml'), 'utf8')}`);
    return file;
  }
}

const catalogWith = (offers: Record<string, unknown>) => ({
  publishers: {
    contoso: { offers: { [reviewedOffer]: { displayName: 'Reviewed', plans: { silver: { activation: 'on-approval' } } }, ...offers } },
  },
});
