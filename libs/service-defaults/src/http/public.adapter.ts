import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyServerOptions } from 'fastify';
import { isOnManagementPort } from './management.controller';
import { answerWithProblems } from './problem';

type Registered = ReturnType<FastifyAdapter['get']>;

/**
 * The HTTP side of a service that has a public port beside the management port: one application on two servers. Handlers of a
 * `ManagementController` are routed on the management server and nowhere else; all others are routed on the public one. A request can't reach
 * what its server does not know, whatever it looks like.
 */
export class PublicAdapter extends FastifyAdapter {
  private readonly managementAdapter: FastifyAdapter;
  /** The route templates of management handlers, as the router got them: `/things/:id`. */
  readonly managementPaths = new Set<string>();

  constructor(publicOptions: FastifyServerOptions = {}, managementOptions: FastifyServerOptions = {}) {
    super(publicOptions as never);
    this.managementAdapter = new FastifyAdapter(managementOptions as never);
    answerWithProblems(this.managementServer);
    this.publicServer.addHook('onRoute', ({ handler, method, url }) => {
      if (isOnManagementPort(handler))
        throw new Error(`${String(method)} ${url} belongs to the management port, and cannot be routed there`);
    });
  }

  get publicServer(): FastifyInstance {
    return this.getInstance() as unknown as FastifyInstance;
  }

  get managementServer(): FastifyInstance {
    return this.managementAdapter.getInstance() as unknown as FastifyInstance;
  }

  override get(...route: unknown[]): Registered {
    return this.isForManagement(route) ? this.managementAdapter.get(...route) : super.get(...route);
  }

  override post(...route: unknown[]): Registered {
    return this.isForManagement(route) ? this.managementAdapter.post(...route) : super.post(...route);
  }

  override put(...route: unknown[]): Registered {
    return this.isForManagement(route) ? this.managementAdapter.put(...route) : super.put(...route);
  }

  override patch(...route: unknown[]): Registered {
    return this.isForManagement(route) ? this.managementAdapter.patch(...route) : super.patch(...route);
  }

  override delete(...route: unknown[]): Registered {
    return this.isForManagement(route) ? this.managementAdapter.delete(...route) : super.delete(...route);
  }

  private isForManagement(route: readonly unknown[]): boolean {
    if (!isOnManagementPort(route.at(-1))) return false;
    this.managementPaths.add(String(route[0]));
    return true;
  }
}
