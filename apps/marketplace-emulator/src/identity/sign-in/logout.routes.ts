import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Views } from '../../views/views';
import type { SignInClients } from './sign-in.clients';

/** Logout, without a session to end: the person is sent back where the application asks for it, or sees that the logout is done. */
export class LogoutRoutes {
  constructor(
    private readonly clients: Pick<SignInClients, 'mayReturnTo'>,
    private readonly views: Views,
  ) {}

  register(server: FastifyInstance): void {
    for (const path of ['/:tenant/oauth2/v2.0/logout', '/:tenant/oauth2/logout']) {
      server.get(path, (request, reply) => this.end(new URLSearchParams(request.url.split('?', 2)[1] ?? ''), reply));
      server.post(path, (request: FastifyRequest, reply) =>
        this.end(request.body instanceof URLSearchParams ? request.body : new URLSearchParams(), reply),
      );
    }
  }

  /** Like Entra, it follows `post_logout_redirect_uri` only to a registered redirect URI, and reports nothing where it does not. */
  private end(parameters: URLSearchParams, reply: FastifyReply): FastifyReply {
    const uri = parameters.get('post_logout_redirect_uri');
    if (!uri || !this.clients.mayReturnTo(uri)) return this.views.page(reply, 'signed-out', {});
    const state = parameters.get('state');
    const query = state === null ? '' : `${uri.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`;
    return reply.redirect(`${uri}${query}`, 303);
  }
}
