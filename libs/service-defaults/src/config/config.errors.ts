/** Settings are missing or wrong. Trying again cannot help; whoever deployed the service must correct them. */
export class ConfigurationInvalid extends Error {
  readonly code = 'CONFIGURATION_INVALID';
  readonly retriable = false;

  constructor(
    readonly application: string,
    /** One sentence per wrong setting; never a secret's value. */
    readonly problems: readonly string[],
  ) {
    const subject = problems.length === 1 ? 'one setting is' : `${problems.length} settings are`;
    super([`${application} cannot start: ${subject} wrong.`, ...problems.map((problem) => `  - ${problem}.`)].join('\n'));
    this.name = 'ConfigurationInvalid';
  }
}
