import { applyDecorators, Controller, UseFilters } from '@nestjs/common';
import { ProblemFilter } from './problem.filter';

const ON_MANAGEMENT_PORT = Symbol('on the management port');

/**
 * A controller of the management port. Where a service has a public port as well, its handlers are not routed there at all (`PublicAdapter`).
 * Its errors are problem documents, also where the service's own filter shows pages to people.
 */
export const ManagementController = (path: string): ClassDecorator =>
  applyDecorators(Controller(path), UseFilters(ProblemFilter), markHandlers);

/** Nest copies the metadata of a method to what it gives the router, and that of a class not. */
function markHandlers(target: { prototype?: unknown }): void {
  const prototype = target.prototype as Record<string, unknown>;
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const method = prototype[name];
    if (typeof method === 'function' && name !== 'constructor') Reflect.defineMetadata(ON_MANAGEMENT_PORT, true, method);
  }
}

/** Whether what the router is given belongs to a `ManagementController`. */
export const isOnManagementPort = (handler: unknown): boolean =>
  typeof handler === 'function' && Reflect.getMetadata(ON_MANAGEMENT_PORT, handler) === true;
