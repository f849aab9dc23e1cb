import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { landfallDir, operatorToken, roleOf, serviceNames, startSystem, type Run, type System } from '@landfall/local';
import { CustomerBrowser, type Customer } from './customer';
import { eventually } from './eventually';
import { startExampleProduct, type ExampleProduct } from './example-product';
import { Microsoft } from './microsoft';
import { TopicReader } from './topic.reader';

/** The emulator's default buyer. */
export const ada = { name: 'Ada Fabrikam', email: 'ada@fabrikam.example' };

const startLimitMs = 300_000;

/** What our endpoints tell of a request for a change. */
type Requested = Record<string, unknown> & { requestId: string };

/** A whole system, and what a test needs around it: real processes, real Kafka, real Postgres, the emulator, an example product and a browser. */
export class SystemUnderTest {
  /** On a real disk below the repository: Postgres is to sync for real. */
  private readonly dir = mkdtempSync(join(landfallDir, 'e2e-'));
  system!: System;
  microsoft!: Microsoft;
  topics!: TopicReader;
  browser = new CustomerBrowser();
  product!: ExampleProduct;
  private emulator!: NonNullable<Run['emulator']>;

  /**
   * @param emulator who plays Microsoft, and issues operators' tokens, where the system does not start one
   * @param secured whether Kafka and Postgres are encrypted, and Kafka asks who comes
   */
  async start(
    env: Record<string, string> = {},
    { emulator, secured }: { emulator?: Run['emulator']; secured?: boolean } = {},
  ): Promise<void> {
    const settings = { ...process.env, PROVISIONING_ADAPTER: 'kafka', ...env };
    this.system = await startSystem({ dir: this.dir, ports: 'free', secured, env: settings });
    const { run } = this.system;
    this.emulator = (emulator ?? run.emulator)!;
    this.microsoft = new Microsoft(this.emulator.controlUrl);
    this.topics = new TopicReader(this.system.kafkaLogin('admin'));
    this.product = await startExampleProduct(this.system.kafkaLogin('product'));
    await Promise.all([this.topics.start(), this.browser.start()]);
  }

  async stop(): Promise<void> {
    await Promise.allSettled([this.browser.stop(), this.topics?.stop(), this.product?.stop()]);
    await this.system?.killAll();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** A customer buys, signs in and fills the form; what is left to do is to press the button. */
  async atTheButton(order: Record<string, unknown> = {}): Promise<{ subscriptionId: string; customer: Customer }> {
    const { subscriptionId, landingUrl } = await this.microsoft.sell(order);
    const customer = await this.browser.customer();
    await customer.arrive(landingUrl, ada.email);
    await customer.fillForm(ada);
    return { subscriptionId, customer };
  }

  /** A subscription that a customer has set up. */
  async activeSubscription(order: Record<string, unknown> = {}): Promise<string> {
    const { subscriptionId, customer } = await this.atTheButton(order);
    await customer.confirm();
    await eventually(async () => expect(await this.record(subscriptionId)).toMatchObject({ access: 'full' }));
    await customer.leave();
    return subscriptionId;
  }

  /** The database as a service itself sees it. */
  databaseUrlOf(service: string): string {
    return this.databaseUrlFor(roleOf(service));
  }

  /** The database as its administrator sees it, who may change roles, end sessions and read the log. */
  administratorUrl(): string {
    return this.databaseUrlFor('postgres');
  }

  private databaseUrlFor(user: string): string {
    const passwords = JSON.parse(readFileSync(join(this.dir, 'secrets.json'), 'utf8')) as Record<string, string>;
    const url = new URL(this.system.run.databaseUrl);
    [url.username, url.password] = [user, passwords[user]!];
    return url.href;
  }

  /** A file of the system: its secrets, its logs. */
  fileOf(path: string): string {
    return join(this.dir, path);
  }

  /** Changes the catalog, and waits until every service that reads it has the new content in force. */
  async catalogInForce(change: () => void): Promise<void> {
    const hashes = async () => {
      const metrics = await Promise.all(
        this.system.run.services.map(async ({ managementUrl }) => (await fetch(`${managementUrl}/metrics`)).text()),
      );
      return metrics.flatMap((text) => /^catalog_info\{hash="([^"]+)"\} 1$/m.exec(text)?.[1] ?? []);
    };
    const [before] = await hashes();
    change();
    await eventually(async () => {
      const now = await hashes();
      expect(now).not.toContain(before);
      expect(new Set(now).size).toBe(1);
    });
  }

  /** What a service answers an operator who asks for blocked keys. */
  async deadLetters(service: string): Promise<{ key: string; reason: string; state: string }[]> {
    const { items } = (await this.asOperator(service, '/dead-letters')) as { items: { key: string; reason: string; state: string }[] };
    return items;
  }

  /** What is dead in any service, and waits for an operator: messages that could not be handled, and jobs. */
  async dead(): Promise<unknown[]> {
    const questions = serviceNames.flatMap((service) => ['/dead-letters', '/jobs?state=dead'].map((path) => ({ service, path })));
    const pages = await Promise.all(questions.map(({ service, path }) => this.asOperator(service, path) as Promise<{ items: unknown[] }>));
    return pages.flatMap(({ items }) => items);
  }

  /** The value of one line of a service's metrics, and of several copies the sum, such as `reconciliation_questions_total{registration="default",question="loss"}`. */
  async metric(service: string, line: string): Promise<number> {
    const copies = this.system.run.services.filter((one) => one.service === service);
    const texts = await Promise.all(copies.map(async ({ managementUrl }) => (await fetch(`${managementUrl}/metrics`)).text()));
    const found = texts.flatMap((text) => text.split('\n').filter((one) => one.startsWith(`${line} `)));
    if (found.length === 0) throw new Error(`${service} has no metric ${line}`);
    return found.reduce((sum, one) => sum + Number(one.slice(line.length + 1)), 0);
  }

  /** What the subscription service answers an operator. */
  async record(subscriptionId: string): Promise<Record<string, unknown>> {
    return (await this.asOperator('subscription', `/subscriptions/${subscriptionId}`)) as Record<string, unknown>;
  }

  /** What an operator decides about a purchase that waits for it. */
  async decide(subscriptionId: string, decision: 'approval' | 'rejection', reason: string): Promise<void> {
    await this.asOperator('subscription', `/subscriptions/${subscriptionId}/${decision}`, { reason });
  }

  /** Requests a change of Microsoft by our own endpoint; the answer is the request. Throws where it is refused. */
  async request(
    subscriptionId: string,
    kind: 'plan-changes' | 'quantity-changes' | 'cancellations',
    target: Record<string, unknown> = {},
    idempotencyKey: string = randomUUID(),
  ): Promise<Requested> {
    const body = { reason: 'The customer asked for it by mail.', ...target };
    return (await this.asOperator('subscription', `/subscriptions/${subscriptionId}/${kind}`, body, idempotencyKey)) as Requested;
  }

  /** How a request stands. */
  async requestOf(subscriptionId: string, requestId: string): Promise<Requested> {
    return (await this.asOperator('subscription', `/subscriptions/${subscriptionId}/requests/${requestId}`)) as Requested;
  }

  /** Reads, or does an act where it has a body, at the management port of a service. Throws where it is not answered by 2xx. */
  async asOperator(service: string, path: string, act?: Record<string, unknown>, idempotencyKey: string = randomUUID()): Promise<unknown> {
    const { managementUrl } = this.system.run.services.find(({ name }) => name === service)!;
    const authorization = `Bearer ${await operatorToken(this.emulator)}`;
    const headers = { authorization, 'content-type': 'application/json', 'idempotency-key': idempotencyKey };
    const request = act ? { method: 'POST', headers, body: JSON.stringify(act) } : { headers: { authorization } };
    const answer = await fetch(`${managementUrl}${path}`, request);
    if (!answer.ok) throw new Error(`${act ? 'POST' : 'GET'} ${path} was answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }
}

/** Starts the system before the specs of a file and stops it after them. */
export function theSystem(env: Record<string, string> = {}, { secured = false } = {}): SystemUnderTest {
  const underTest = new SystemUnderTest();
  beforeAll(() => underTest.start(env, { secured }), startLimitMs);
  afterAll(() => underTest.stop(), startLimitMs);
  return underTest;
}
