import type { DynamicModule, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { Config } from '../config/config';
import { HealthRegistry } from '../health/health';
import { createLogger } from '../log/log';
import { ANSWER_LIMIT_MS, answerInTime } from '../http/answer.limit';
import { addManagementRoutes } from '../http/management.routes';
import { collectProcessMetrics } from '../http/request.metrics';
import { openApiDocument } from '../http/openapi';
import { PublicAdapter } from '../http/public.adapter';
import { measureRequests } from '../http/request.measurement';
import type { ServiceValues } from '../config/service.settings';
import { serverOptions, type PublicServer } from './server-options';

/** A message transport is provided under this token: this library does not know what carries messages. */
export const TRANSPORT = Symbol('transport');

export interface ServiceOptions<V extends ServiceValues> {
  name: string;
  module: Type | DynamicModule;
  config: Config<V>;
  /** A port for the public. Metrics, health and every `ManagementController` then have a server of their own, and are not reachable through the public one. */
  publicPort?: (values: V) => number;
  /** Called once before the routes are made: cookies, headers, parsers. With it the application parses bodies itself; Fastify's JSON and text parsers are there until it removes them. */
  configure?: (fastify: FastifyInstance, app: NestFastifyApplication) => void | Promise<void>;
  /** What is particular about the public port's server. */
  publicServer?: (values: V) => PublicServer;
  /** From a request to its answer, whatever its handler waits for; beyond it the answer is 503. Default 4 s: before its caller gives up. */
  answerLimitMs?: number;
}

export interface RunningService {
  readonly app: NestFastifyApplication;
  readonly url: string;
  readonly managementUrl: string;
  /** Not ready, then no new connections, running requests end, messages end, the pool closes. */
  stop(): Promise<void>;
}

/** Starts a service in this process. `runService` does it for a whole process and ends it as well. @throws ConfigurationInvalid and whatever keeps it from starting */
export async function startService<V extends ServiceValues>(options: ServiceOptions<V>): Promise<RunningService> {
  const { name, module, config } = options;
  const { values } = config;
  const logger = createLogger(name, values);
  collectProcessMetrics();

  const { adapter, server, management, managementPaths } = serversOf(options);
  const servers = new Set([server, management]);
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger,
    abortOnError: false,
    bodyParser: options.configure === undefined,
  });
  const health = app.get(HealthRegistry);
  for (const each of servers) {
    measureRequests(each);
    answerInTime(each, options.answerLimitMs ?? ANSWER_LIMIT_MS);
    hangUpWhileStopping(each, health);
  }
  addManagementRoutes(management, health, openApiDocument(app, name, managementPaths));
  await options.configure?.(server, app);

  const host = values.BIND_ADDRESS;
  await app.listen(options.publicPort?.(values) ?? values.MANAGEMENT_PORT, host);
  if (management !== server) await management.listen({ port: values.MANAGEMENT_PORT, host });
  health.started();
  void startTransport(app); // one that fails for good ends the process, as every error that escapes

  const [url, managementUrl] = [urlOf(server), urlOf(management)];
  logger.log({ url }, 'ready', 'Service');
  return { app, url, managementUrl, stop: () => stop(app, servers, health, values.STOP_DELAY) };
}

interface Servers {
  readonly adapter: FastifyAdapter;
  readonly server: FastifyInstance;
  /** The same server, where the service has no public port. */
  readonly management: FastifyInstance;
  readonly managementPaths?: ReadonlySet<string>;
}

function serversOf<V extends ServiceValues>(options: ServiceOptions<V>): Servers {
  if (!options.publicPort) {
    const adapter = new FastifyAdapter(serverOptions() as never);
    const server = adapter.getInstance() as unknown as FastifyInstance;
    return { adapter, server, management: server };
  }
  const adapter = new PublicAdapter(serverOptions(options.publicServer?.(options.config.values)), serverOptions());
  return { adapter, server: adapter.publicServer, management: adapter.managementServer, managementPaths: adapter.managementPaths };
}

/** The transport connects by itself and keeps trying: a public port is ready when it can commit, whether or not messages flow. */
async function startTransport(app: NestFastifyApplication): Promise<void> {
  const strategy = [...app.get(ModulesContainer).values()].flatMap((module) => module.providers.get(TRANSPORT)?.instance ?? [])[0];
  if (!strategy) return;
  app.connectMicroservice({ strategy }, { inheritAppConfig: true });
  await app.startAllMicroservices();
}

/** HTTP goes first, while everything that its running requests wait for still works. */
async function stop(
  app: NestFastifyApplication,
  servers: ReadonlySet<FastifyInstance>,
  health: HealthRegistry,
  delayMs: number,
): Promise<void> {
  health.stopping();
  if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
  await Promise.all([...servers].map((server) => server.close()));
  await app.close();
}

/** A kept-alive connection whose request ends after the stop began would hold the server open until it times out. */
function hangUpWhileStopping(server: FastifyInstance, health: HealthRegistry): void {
  server.addHook('onSend', async (_request, reply) => {
    if (health.isStopping) void reply.header('connection', 'close');
  });
}

function urlOf(server: FastifyInstance): string {
  const address = server.addresses()[0];
  if (!address) throw new Error('the server listens nowhere');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
