import { Injectable } from '@nestjs/common';

/** It is told before the commit, which may come behind a look. */
const LOOKS = 2;

/** Whether subscriptions have become known since somebody last asked: what was held of them counts now. A hint: all that is held is looked at on a timer as well. */
@Injectable()
export class Newcomers {
  private looks = 0;

  come(): void {
    this.looks = LOOKS;
  }

  /** True for what has come since some looks ago. */
  taken(): boolean {
    return this.looks > 0 && this.looks-- > 0;
  }
}
