import { HttpException, HttpStatus } from '@nestjs/common';

/** What the act was meant for does not exist here. */
export class SubjectMissing extends HttpException {
  readonly code = 'NOT_FOUND';

  constructor(detail: string) {
    super(detail, HttpStatus.NOT_FOUND);
  }
}

/** As many names are told of what there is. */
const namesTold = 10;

/**
 * In a sentence for the operator, that there is nothing of that name. `known`: what there is instead, where it is little enough to be told: more than ten are counted.
 */
export function notKnown(kind: string, id: string, known: readonly string[] = []): string {
  const told = known.slice(0, namesTold).join(', ') + (known.length > namesTold ? ` and ${known.length - namesTold} more` : '');
  return `Landfall does not know ${kind} ${id}`.trimEnd() + (told && `. There is ${told}`);
}

/** The subject is in no state for the act: somebody, or the service itself, was faster. Or what was asked for is more than there is, or than one act does. */
export class ActImpossible extends HttpException {
  constructor(
    readonly code: 'NOT_BLOCKED' | 'NOT_FIRST' | 'NOT_DEAD' | 'OUT_OF_RANGE',
    detail: string,
  ) {
    super(detail, HttpStatus.CONFLICT);
  }
}

/** The idempotency key belongs to another act, which was done. */
export class IdempotencyKeyReused extends HttpException {
  readonly code = 'IDEMPOTENCY_KEY_REUSED';

  constructor() {
    super(
      'This Idempotency-Key was used for another act: another subject, content, reason or operator. Take a new one.',
      HttpStatus.UNPROCESSABLE_ENTITY,
    );
  }
}
