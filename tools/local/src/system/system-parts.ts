import { join } from 'node:path';
import { catalogFile } from '../catalog/catalog-file';
import type { Copy } from '../copies/copies';
import { createTopics, laptopPartitions } from '../kafka/topics';
import type { KafkaConfig } from 'kafkajs';
import { startKafka } from '../kafka/kafka';
import { loginOf } from '../kafka/kafka.client';
import type { SystemLog } from '../log/system-log';
import { requireOwnTables } from '../postgres/foreign.tables';
import { startPostgres } from '../postgres/postgres';
import { loopback } from '../process/ports';
import { makePublishers, publisherNames, publisherOf, registrationsSetting, type Publisher } from '../publishers/publishers';
import { ensureDatabase, withLogin } from './database';
import { startEmulator, type EmulatorDetails } from './emulator';
import { environmentOf } from './environment';
import type { SystemPorts } from './system-ports';
import { Security } from '../secured/security';
import { keyringFiles } from '../secrets/keyring';
import type { Run } from './run-json';
import { Secrets, withOwnSecrets } from '../secrets/secrets';
import type { NodeProcess } from '../process/node-process';
import { migrateService, startService } from './service';
import { emulatorName, namesWithKeys, nodeSettings, roleOf, serviceNames } from './services';
import { vetoKeyFile } from '../secrets/veto-key';
import { Supervised, type RunningPart, type SupervisedOptions } from './supervised';

type Environment = Record<string, string | undefined>;

export interface SystemPartsOptions {
  dir: string;
  ports: SystemPorts;
  env: Environment;
  log: SystemLog;
  /** Whether Kafka and Postgres are encrypted and ask who comes. */
  isSecured: boolean;
  /** A part has another process id. */
  onChange(): void;
}

/** What kafkajs needs to reach the system's Kafka. */
export type KafkaLogin = Pick<KafkaConfig, 'ssl' | 'sasl'> & { brokers: string[] };

/** All processes of one system: how they are started, in which order, and how they are stopped. */
export class SystemParts {
  private readonly dir: string;
  private readonly ports: SystemPorts;
  private readonly env: Environment;
  private readonly log: SystemLog;
  private readonly secrets: Secrets;
  private readonly parts = new Map<string, Supervised>();
  private readonly gatewayUrl: string;
  private readonly partitions: number;
  private readonly publishers: readonly Publisher[];
  private copies: readonly Copy[] = [];
  private keyrings = new Map<string, string>();
  private databaseUrl = '';
  private brokers = '';
  private stopping = false;
  private readonly migrations = new Set<NodeProcess>();
  private emulator: EmulatorDetails | undefined;
  private catalogFile: string | undefined;
  private vetoKeyFile = '';
  private security: Security | undefined;

  constructor(private readonly options: SystemPartsOptions) {
    const { dir, ports, env, log } = options;
    [this.dir, this.ports, this.env, this.log] = [dir, ports, env, log];
    this.secrets = new Secrets(dir);
    this.gatewayUrl = `http://localhost:${ports.gateway}`;
    this.partitions = Number(env['PARTITIONS'] ?? laptopPartitions);
    this.publishers = publisherNames(env).map((name) => publisherOf(name, this.marketplaceAddresses()));
  }

  /** What the services need comes up side by side, then the services do. */
  async start(copies: readonly Copy[]): Promise<void> {
    this.copies = copies;
    if (!this.env['DATABASE_URL']) requireOwnTables(this.dir);
    if (this.options.isSecured) this.security = await Security.of(this.dir, this.secrets, serviceNames);
    this.keyrings = await keyringFiles(join(this.dir, 'keys'), namesWithKeys);
    this.vetoKeyFile = vetoKeyFile(join(this.dir, 'keys'));
    await allOrFirstError([this.startDatabase(), this.startBroker(), this.startMarketplace()]);
    if (this.emulator && !this.env['CATALOG_FILE']) this.catalogFile = await catalogFile(this.dir, this.emulator.controlUrl);
    await allOrFirstError(copies.map((copy) => this.add(copy.name, (onSpawn) => this.startService(copy, onSpawn))));
  }

  /** Services first, since they still finish what they began and ask the marketplace meanwhile; what they need last. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.migrations].map((migration) => migration.stop()));
    const foundations = [[emulatorName], ['postgres', 'kafka']];
    const services = [...this.parts.keys()].filter((name) => !foundations.flat().includes(name));
    for (const names of [services, ...foundations]) await Promise.all(names.map((name) => this.parts.get(name)?.stop()));
  }

  /** SIGKILL to all of them at once. */
  async kill(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.migrations, ...this.parts.values()].map((one) => one.kill()));
  }

  part(name: string): Supervised {
    const part = this.parts.get(name);
    if (!part) throw new Error(`This system has no part "${name}", only ${[...this.parts.keys()].join(', ')}.`);
    return part;
  }

  kafkaLogin(login: 'product' | 'admin'): KafkaLogin {
    return { brokers: this.brokers.split(','), ...(this.security && loginOf(login, this.security.broker)) };
  }

  run(): Run {
    return {
      runnerPid: process.pid,
      gatewayUrl: this.gatewayUrl,
      consoleUrl: null,
      databaseUrl: this.databaseUrl,
      kafkaBrokers: this.brokers,
      services: this.copies.map(({ name, service, instance }) => {
        const managementUrl = this.managementUrl(name);
        return { name, service, instance, pid: this.part(name).pid, url: this.publicUrl(name) ?? managementUrl, managementUrl };
      }),
      emulator: this.emulator ?? null,
      publishers: this.publishers,
    };
  }

  private async add(name: string, start: SupervisedOptions['start']): Promise<void> {
    if (this.stopping) throw new Error('The system was stopped while it started.');
    const say = (level: 'info' | 'warn' | 'error', message: string) => {
      this.log.say(level, message);
      if (level === 'info') this.options.onChange(); // it has another process id now
    };
    const part = new Supervised({ name, start, say });
    this.parts.set(name, part);
    await part.start();
  }

  private async startDatabase(): Promise<void> {
    const { DATABASE_URL: given } = this.env;
    if (given) this.databaseUrl = given;
    else await this.startPostgres();
    await allOrFirstError(
      [...new Set(this.copies.map(({ service }) => service))].map((service) => {
        const env = {
          ...withOwnSecrets(service, this.env),
          ...nodeSettings,
          MIGRATION_DATABASE_URL: this.databaseUrl,
          DATABASE_URL: this.databaseUrlOf(service),
          ...this.security?.settingsOf(service),
        };
        return migrateService({ service, env, onOutput: this.log.intakeOf(service), onSpawn: (running) => this.addMigration(running) });
      }),
    );
  }

  private async startPostgres(): Promise<void> {
    await this.add('postgres', async (onSpawn) => {
      const password = this.secrets.passwordOf('postgres');
      const postgres = await startPostgres({
        dataDir: join(this.dir, 'postgres'),
        port: this.ports.postgres,
        password,
        logFile: this.log.fileOf('postgres'),
        certificate: this.security?.database,
        onSpawn,
      });
      this.databaseUrl = await ensureDatabase(postgres.url, this.secrets.passwordOf('landfall'));
      return postgres;
    });
  }

  private async startBroker(): Promise<void> {
    const { KAFKA_BROKERS: given } = this.env;
    if (given) this.brokers = given;
    else {
      await this.add('kafka', async (onSpawn) => {
        const kafka = await startKafka({
          dataDir: join(this.dir, 'kafka'),
          port: this.ports.kafka,
          logFile: this.log.fileOf('kafka'),
          security: this.security?.broker,
          onSpawn,
        });
        this.brokers = kafka.brokers;
        return kafka;
      });
    }
    await this.security?.giveRights(this.brokers);
    await createTopics(this.brokers, this.partitions, { ...this.env, ...this.security?.settingsOf('topics') });
  }

  private async startMarketplace(): Promise<void> {
    if (this.env['MARKETPLACE_API_URL']) return;
    await this.add(emulatorName, async (onSpawn) => {
      const started = await startEmulator({
        port: this.ports.emulator,
        dataDir: join(this.dir, 'emulator'),
        ...this.marketplaceAddresses(),
        env: { ...withOwnSecrets(emulatorName, this.env), ...nodeSettings },
        logFile: this.log.fileOf(emulatorName),
        onOutput: this.log.intakeOf(emulatorName),
        onSpawn,
      });
      this.emulator = started.details;
      return started;
    });
    const secrets = { folder: this.publishersFolder, secretOf: (name: string) => this.secrets.passwordOf(`publisher ${name}`) };
    if (this.emulator) await makePublishers(this.publishers, this.emulator, secrets);
  }

  private startService(copy: Copy, onSpawn: (running: RunningPart) => void): Promise<RunningPart> {
    const { ports, gatewayUrl, brokers, partitions, emulator, catalogFile, env } = this;
    const registrations = registrationsSetting(this.publishers, this.publishersFolder);
    const details = { ports, gatewayUrl, brokers, partitions, emulator, registrations, catalogFile, vetoKeyFile: this.vetoKeyFile, env };
    const { name, service } = copy;
    return startService({
      copy,
      managementUrl: this.managementUrl(name),
      env: {
        ...environmentOf(copy, details, this.databaseUrlOf(service), this.keyrings.get(service) ?? ''),
        ...this.security?.settingsOf(service),
      },
      logFile: this.log.fileOf(name),
      onOutput: this.log.intakeOf(name),
      onSpawn,
      onNotLive: (seconds) => this.log.say('warn', `${name} has not been live for ${seconds} s: it is killed`),
    });
  }

  private addMigration(running: NodeProcess): void {
    this.migrations.add(running);
    void running.ended.then(() => this.migrations.delete(running));
    if (this.stopping) void running.stop();
  }

  private databaseUrlOf(service: string): string {
    const role = roleOf(service);
    return withLogin(this.databaseUrl, role, this.secrets.passwordOf(role));
  }

  /** Where customers land and Microsoft calls, as the marketplace knows it. */
  private marketplaceAddresses(): { landingUrl: string; webhookUrl: string } {
    return { landingUrl: `${this.gatewayUrl}/landing`, webhookUrl: `http://${loopback}:${this.ports.gateway}/webhook` };
  }

  private get publishersFolder(): string {
    return join(this.dir, 'publishers');
  }

  private managementUrl(copy: string): string {
    return `http://${loopback}:${this.ports.management[copy]}`;
  }

  private publicUrl(copy: string): string | undefined {
    const further = this.ports.furtherGateways[copy];
    return further === undefined ? (copy === 'gateway' ? this.gatewayUrl : undefined) : `http://localhost:${further}`;
  }
}

/** Waits for all, so that nothing is still starting when the first error is thrown. */
async function allOrFirstError(starts: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}
