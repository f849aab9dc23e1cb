import type { FastifyRequest } from 'fastify';

/** The query of a call. Names are compared without regard to case, as paths are (contract 3.1.1); the first of several counts. */
export function parametersOf(request: FastifyRequest): { get(name: string): string | null } {
  const parameters = [...new URLSearchParams(request.url.split('?', 2)[1] ?? '')];
  return { get: (name) => parameters.find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? null };
}
