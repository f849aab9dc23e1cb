/** Conventional commits whose scope is a project; the body says why, so its lines may be as long as the code's. */
export default {
  extends: ['@commitlint/config-conventional'],
  rules: { 'body-max-line-length': [2, 'always', 140], 'header-max-length': [2, 'always', 100] },
};
