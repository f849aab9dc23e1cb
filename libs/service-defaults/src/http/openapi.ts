import type { DynamicModule, INestApplication, Type } from '@nestjs/common';
import { ModulesContainer, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { isOnManagementPort } from './management.controller';

type Description = (controller: Type) => Promise<void> | void;
const DESCRIPTION = Symbol('description');

/**
 * Says how a controller is described in `/openapi.json`, when somebody asks for that: `describe` loads what it needs by itself and puts the
 * decorators of @nestjs/swagger on the controller. Written directly at a handler, they would load that package at every start (14 MB).
 */
export const DescribedBy =
  (describe: Description): ClassDecorator =>
  (target) =>
    Reflect.defineMetadata(DESCRIPTION, describe, target);

async function describeControllers(app: INestApplication): Promise<void> {
  for (const { controllers } of app.get(ModulesContainer).values()) {
    for (const { metatype } of controllers.values()) {
      const describe = metatype && (Reflect.getMetadata(DESCRIPTION, metatype) as Description | undefined);
      if (describe) await describe(metatype as Type);
    }
  }
}

/**
 * Describes a service's REST endpoints, when somebody asks for the first time: a running service rarely needs it, and making it takes time
 * and memory that a start does not have. `routes` are the templates that the management port has, where it does not have all.
 */
export function openApiDocument(app: INestApplication, service: string, routes?: ReadonlySet<string>): () => Promise<object> {
  let document: Promise<object> | undefined;
  return () => (document ??= describe(app, service, routes));
}

/**
 * The same document without a running service: nothing is connected, no setting is read. Of a service with a public port it describes what its management port
 * has. `npm run contracts` keeps it in docs/reference/rest.
 */
export async function openApiDocumentOf(module: Type | DynamicModule, service: string, hasPublicPort: boolean): Promise<object> {
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  const document = (await describe(app, service)) as { paths: Record<string, Record<string, { operationId: string }>> };
  if (!hasPublicPort) return document;
  const managed = managementOperations(app);
  const isManaged = (methods: Record<string, { operationId: string }>) =>
    Object.values(methods).some(({ operationId }) => managed.has(operationId));
  return { ...document, paths: Object.fromEntries(Object.entries(document.paths).filter(([, methods]) => isManaged(methods))) };
}

/** As the document names them: `JobController_retry`. */
function managementOperations(app: INestApplication): Set<string> {
  const controllers = [...app.get(ModulesContainer).values()].flatMap((module) => [...module.controllers.values()]);
  return new Set(
    controllers.flatMap(({ metatype }) => {
      const { name, prototype } = metatype as Type;
      const methods = Object.getOwnPropertyNames(prototype).filter((method) =>
        isOnManagementPort((prototype as Record<string, unknown>)[method]),
      );
      return methods.map((method) => `${name}_${method}`);
    }),
  );
}

async function describe(app: INestApplication, service: string, routes?: ReadonlySet<string>): Promise<object> {
  const { DocumentBuilder, SwaggerModule } = await import('@nestjs/swagger');
  await describeControllers(app);
  const frame = new DocumentBuilder()
    .setTitle(`Landfall ${service}`)
    .setDescription("For operators and the company's own products. Errors are application/problem+json (RFC 9457).")
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'operators')
    .addSecurityRequirements('operators')
    .build();
  const document = SwaggerModule.createDocument(app, frame);
  if (!routes) return document;
  const templates = new Set([...routes].map((route) => route.replace(/:(\w+)/g, '{$1}')));
  return { ...document, paths: Object.fromEntries(Object.entries(document.paths).filter(([path]) => templates.has(path))) };
}
