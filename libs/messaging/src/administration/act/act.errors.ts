import { HttpException, HttpStatus } from '@nestjs/common';

/** What the act was meant for does not exist here. */
export class SubjectMissing extends HttpException {
  readonly code = 'NOT_FOUND';

  constructor(detail: string) {
    super(detail, HttpStatus.NOT_FOUND);
  }
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
