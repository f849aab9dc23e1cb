/** The key that a text names, or that is asked for, is not in this service's keyring. */
export class KeyMissing extends Error {
  readonly code = 'KEY_MISSING';
  readonly retriable = false;

  constructor(what: string) {
    super(
      `${what}. Keys are read from KEYRING_FILE at start: was a key removed before the last text encrypted with it was gone, or is this another installation's file?`,
    );
    this.name = 'KeyMissing';
  }
}

/** An encrypted text cannot be opened: it was changed or cut short, or it was encrypted with a different key of the same name. */
export class DecryptionFailed extends Error {
  readonly code = 'DECRYPTION_FAILED';
  readonly retriable = false;

  constructor(kid: string, options?: ErrorOptions) {
    super(
      `A text encrypted for ${kid} cannot be opened: it was damaged on its way, or the key of that name in KEYRING_FILE is not the one it was encrypted with`,
      options,
    );
    this.name = 'DecryptionFailed';
  }
}
