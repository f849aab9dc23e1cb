import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { config } from './naive.config';
import { NaiveModule } from './naive.module';

async function main(): Promise<void> {
  const app = await NestFactory.create<NestFastifyApplication>(NaiveModule, new FastifyAdapter(), { logger: ['error', 'warn'] });
  app.enableShutdownHooks();
  process.on('disconnect', () => process.exit(0)); // its parent is gone
  await app.listen(config.port, '127.0.0.1');
  process.send?.('ready');
}

void main();
