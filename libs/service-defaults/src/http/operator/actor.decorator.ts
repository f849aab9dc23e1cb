import { createParamDecorator, UnauthorizedException, type ExecutionContext } from '@nestjs/common';

/** Who called, as its token proved. Never a name or an e-mail: people are known by their id. */
export interface Actor {
  /** The object id at the identity provider (`oid`, otherwise `sub`). */
  subject: string;
  name?: never;
  /** Its token is that of an application, such as one of the company's products, and no person's. */
  isApplication: boolean;
  roles: readonly string[];
}

const actors = new WeakMap<object, Actor>();

/** Remembers who sent a request. Called by the guard alone. */
export function rememberActor(request: object, actor: Actor): void {
  actors.set(request, actor);
}

/** The caller of a handler that requires a role: `requestPlanChange(@Actor() actor: Actor)`. */
export const Actor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const actor = actors.get(context.switchToHttp().getRequest<object>());
  if (!actor) throw new UnauthorizedException('This handler wants to know its caller, but lets anybody in');
  return actor;
});
