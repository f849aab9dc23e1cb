import type { OnApplicationBootstrap, OnModuleInit } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import type { DescribedSetting } from '../config/described.setting';
import type { ServiceValues } from '../config/service.settings';
import { collectProcessMetrics } from '../http/request.metrics';
import { describedMetrics, type DescribedMetric } from '../metrics/described.metric';
import type { ServiceOptions } from './start-service';

/** What whoever deploys and watches a service has to know of it. */
interface ServiceReference {
  readonly settings: readonly DescribedSetting[];
  readonly metrics: readonly DescribedMetric[];
}

type Hooks = Partial<OnModuleInit & OnApplicationBootstrap>;

/**
 * The settings and metrics of a service. Many metrics are made when a part of the service starts, so all of its parts are made and told to start, without a
 * database or a broker: the required settings have to be set, to anything that they allow. Only for a process that ends then: nothing of what begins here is
 * waited for, and no `DataSource` of the process connects any more. @throws ConfigurationInvalid
 */
export async function referenceOf<V extends ServiceValues>({ module, config }: ServiceOptions<V>): Promise<ServiceReference> {
  DataSource.prototype.initialize = function (this: DataSource) {
    return Promise.resolve(this);
  };
  collectProcessMetrics();
  const app = await NestFactory.create(module, new FastifyAdapter(), { logger: false, abortOnError: false });
  const parts = [...app.get(ModulesContainer).values()].flatMap(({ providers, controllers }) => [
    ...providers.values(),
    ...controllers.values(),
  ]);
  const instances = new Set(parts.flatMap(({ instance }) => (instance && typeof instance === 'object' ? [instance as Hooks] : [])));
  for (const part of instances) begin(() => part.onModuleInit?.());
  for (const part of instances) begin(() => part.onApplicationBootstrap?.());
  return { settings: config.describe(), metrics: describedMetrics() };
}

/** What it asks of a database or broker fails later, when nobody looks any more. */
function begin(hook: () => unknown): void {
  void Promise.resolve(hook()).catch(() => undefined);
}
